package io.fairlead.core.service;

/// A transport protocol that Fairlead carries.
public enum Protocol {
    TCP(6),
    UDP(17);

    private final int number;

    Protocol(int number) {
        this.number = number;
    }

    /// The IP protocol number (IANA "Assigned Internet Protocol Numbers").
    public int number() {
        return number;
    }
}
