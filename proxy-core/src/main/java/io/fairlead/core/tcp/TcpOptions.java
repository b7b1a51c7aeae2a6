package io.fairlead.core.tcp;

import java.time.Duration;

/// What holds for all TCP flows.
///
/// @param keepAlive how long a connection is quiet before its peer is asked whether it is there;
///   zero never asks
/// @param userTimeout how long what was sent may stay unacknowledged, or unread by a peer whose
///   window is closed; zero leaves it to the kernel
/// @param maxFlows flows there may be at a time, beside what descriptors allow; [#ANY] for as many
///   as the heap is meant for
/// @param descriptorReserve file descriptors that flows leave to everything else
/// @param relay how bytes get from one side to the other
/// @param bufferMegabytes memory for bytes on their way that may be in use at a time; [#DERIVED]
///   for half as much as the heap may become
public record TcpOptions(
        Duration keepAlive,
        Duration userTimeout,
        int maxFlows,
        int descriptorReserve,
        RelayMode relay,
        int bufferMegabytes) {

    /// No number of its own: descriptors are the limit.
    public static final int ANY = Integer.MAX_VALUE;

    /// In place of an amount: by the limit of the heap.
    public static final int DERIVED = 0;

    /// A flow is about 1 KB of heap (IdleConnectionsTest); what is known of the cluster, and
    /// garbage, have the rest.
    private static final long HEAP_PER_FLOW = 4096;

    /// Two minutes are within what firewalls and NAT forget a quiet connection after. No user
    /// timeout: it would cut whoever stops reading for a while (tcp(7)), which back-pressure is
    /// for.
    public static final TcpOptions DEFAULT =
            new TcpOptions(
                    Duration.ofMinutes(2), Duration.ZERO, ANY, 64, RelayMode.ADAPTIVE, DERIVED);

    public TcpOptions {
        if (maxFlows < 1) {
            throw new IllegalArgumentException("maxFlows: " + maxFlows + " is not at least 1");
        }
        if (descriptorReserve < 0) {
            throw new IllegalArgumentException(
                    "descriptorReserve: " + descriptorReserve + " is negative");
        }
        if (bufferMegabytes < 0) {
            throw new IllegalArgumentException(
                    "bufferMegabytes: " + bufferMegabytes + " is negative");
        }
    }

    public TcpOptions withKeepAlive(Duration time) {
        return new TcpOptions(
                time, userTimeout, maxFlows, descriptorReserve, relay, bufferMegabytes);
    }

    public TcpOptions withUserTimeout(Duration time) {
        return new TcpOptions(keepAlive, time, maxFlows, descriptorReserve, relay, bufferMegabytes);
    }

    public TcpOptions withMaxFlows(int count) {
        return new TcpOptions(
                keepAlive, userTimeout, count, descriptorReserve, relay, bufferMegabytes);
    }

    public TcpOptions withDescriptorReserve(int count) {
        return new TcpOptions(keepAlive, userTimeout, maxFlows, count, relay, bufferMegabytes);
    }

    public TcpOptions withRelay(RelayMode mode) {
        return new TcpOptions(
                keepAlive, userTimeout, maxFlows, descriptorReserve, mode, bufferMegabytes);
    }

    public TcpOptions withBufferMegabytes(int megabytes) {
        return new TcpOptions(
                keepAlive, userTimeout, maxFlows, descriptorReserve, relay, megabytes);
    }

    /// The number of flows that [#maxFlows] comes to here.
    int flowBound() {
        long byHeap = Runtime.getRuntime().maxMemory() / HEAP_PER_FLOW;
        return maxFlows == ANY ? Math.clamp(byHeap, 1, ANY) : maxFlows;
    }

    /// The bytes that [#bufferMegabytes] comes to here.
    long bufferBytes() {
        return bufferMegabytes == DERIVED
                ? Runtime.getRuntime().maxMemory() / 2
                : (long) bufferMegabytes << 20;
    }
}
