package io.fairlead.core.service;

/// An IP family. Services are handled per family, each on its own (SEMANTICS A2.3).
public enum IpFamily {
    IPV4(32),
    IPV6(128);

    private final int bits;

    IpFamily(int bits) {
        this.bits = bits;
    }

    /// Length of an address in bits.
    public int bits() {
        return bits;
    }
}
