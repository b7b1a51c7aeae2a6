package io.fairlead.core.tcp;

import java.time.Duration;

/// What holds for all TCP flows.
///
/// @param keepAlive how long a connection is quiet before its peer is asked whether it is there;
///   zero never asks
/// @param userTimeout how long what was sent may stay unacknowledged, or unread by a peer whose
///   window is closed; zero leaves it to the kernel
/// @param maxFlows flows there may be at a time, beside what descriptors allow
/// @param descriptorReserve file descriptors that flows leave to everything else
/// @param relay how bytes get from one side to the other
public record TcpOptions(
        Duration keepAlive,
        Duration userTimeout,
        int maxFlows,
        int descriptorReserve,
        RelayMode relay) {

    /// No number of its own: descriptors are the limit.
    public static final int ANY = Integer.MAX_VALUE;

    /// Two minutes are within what firewalls and NAT forget a quiet connection after. No user
    /// timeout: it would cut whoever stops reading for a while (tcp(7)), which back-pressure is
    /// for.
    public static final TcpOptions DEFAULT =
            new TcpOptions(Duration.ofMinutes(2), Duration.ZERO, ANY, 64, RelayMode.ADAPTIVE);

    public TcpOptions {
        if (maxFlows < 1) {
            throw new IllegalArgumentException("maxFlows: " + maxFlows + " is not at least 1");
        }
        if (descriptorReserve < 0) {
            throw new IllegalArgumentException(
                    "descriptorReserve: " + descriptorReserve + " is negative");
        }
    }

    public TcpOptions withKeepAlive(Duration time) {
        return new TcpOptions(time, userTimeout, maxFlows, descriptorReserve, relay);
    }

    public TcpOptions withUserTimeout(Duration time) {
        return new TcpOptions(keepAlive, time, maxFlows, descriptorReserve, relay);
    }

    public TcpOptions withMaxFlows(int count) {
        return new TcpOptions(keepAlive, userTimeout, count, descriptorReserve, relay);
    }

    public TcpOptions withDescriptorReserve(int count) {
        return new TcpOptions(keepAlive, userTimeout, maxFlows, count, relay);
    }

    public TcpOptions withRelay(RelayMode mode) {
        return new TcpOptions(keepAlive, userTimeout, maxFlows, descriptorReserve, mode);
    }
}
