package io.fairlead.core.tcp;

import java.time.Duration;

/// How long a backend has for its handshake, and how many others are tried after it.
///
/// A flow waits `timeout` for each, and for the last one what is left of `timeout` times one more
/// than `retries`: where there is no other backend, one has all of that.
///
/// @param timeout for one backend
/// @param retries other backends that a flow may try, at most
public record ConnectOptions(Duration timeout, int retries) {

    /// A second, for that is what the kernel waits before it repeats a SYN.
    public static final ConnectOptions DEFAULT = new ConnectOptions(Duration.ofSeconds(1), 3);

    /// More would not help a client any more.
    public static final int MAX_RETRIES = 10;

    public ConnectOptions {
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException("a connect timeout of " + timeout + " is none");
        }
        if (retries < 0 || retries > MAX_RETRIES) {
            throw new IllegalArgumentException(
                    retries + " retries are not within 0 and " + MAX_RETRIES);
        }
    }
}
