package io.fairlead.core.transport;

/// How event loops wait.
///
/// @param transport what they hear from; epoll where it cannot be had
/// @param spinMicros how long a loop without work looks for it before it sleeps; 0 for not at all
public record LoopOptions(Transport transport, int spinMicros) {

    /// Longer than any peer takes on one machine: who waits longer sleeps.
    public static final int MAX_SPIN_MICROS = 1_000;

    public static final LoopOptions DEFAULT = new LoopOptions(Transport.EPOLL, 0);

    public LoopOptions {
        if (spinMicros < 0 || spinMicros > MAX_SPIN_MICROS) {
            throw new IllegalArgumentException(
                    spinMicros + " microseconds are not within 0 and " + MAX_SPIN_MICROS);
        }
    }

    public LoopOptions withTransport(Transport other) {
        return new LoopOptions(other, spinMicros);
    }

    public LoopOptions withSpinMicros(int micros) {
        return new LoopOptions(transport, micros);
    }
}
