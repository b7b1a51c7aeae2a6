package io.fairlead.core.udp;

import io.fairlead.core.kernel.DatagramTrain;
import io.fairlead.core.kernel.Datagrams;
import io.fairlead.core.kernel.Errno;
import org.jspecify.annotations.Nullable;

/// Datagrams of one batch on their way to backends, flow by flow: those of a flow go in their order
/// and with as few system calls as can be. Owned by one event loop.
final class ToBackends {

    private final Datagrams datagrams;
    private final DatagramTrain train;
    private final UdpCounters counters;
    private final UdpRefusals refusals;

    /// The slot after each of the same flow.
    private final int[] next = new int[UdpLoopState.BATCH];

    private final @Nullable UdpFlow[] waiting = new @Nullable UdpFlow[UdpLoopState.BATCH];
    private int waitingCount;

    ToBackends(UdpLoopState state, DatagramTrain train) {
        this.datagrams = state.datagrams;
        this.counters = state.counters;
        this.refusals = state.refusals;
        this.train = train;
    }

    /// Keeps a datagram until [#sendAll].
    void add(UdpFlow flow, int slot) {
        next[slot] = UdpFlow.NO_SLOT;
        if (flow.firstSlot == UdpFlow.NO_SLOT) {
            flow.firstSlot = slot;
            waiting[waitingCount++] = flow;
        } else {
            next[flow.lastSlot] = slot;
        }
        flow.lastSlot = slot;
    }

    void sendAll() {
        for (int i = 0; i < waitingCount; i++) {
            UdpFlow flow = waiting[i];
            waiting[i] = null;
            if (flow != null) {
                send(flow);
            }
        }
        waitingCount = 0;
    }

    /// Sends what is kept of one flow.
    void send(UdpFlow flow) {
        int slot = flow.firstSlot;
        flow.firstSlot = UdpFlow.NO_SLOT;
        while (slot != UdpFlow.NO_SLOT) {
            slot = sendSome(flow, slot);
        }
    }

    /// Sends one, and those after it that can go with it.
    ///
    /// @return the first that did not go
    private int sendSome(UdpFlow flow, int first) {
        int after = next[first];
        if (after == UdpFlow.NO_SLOT || flow.upstream.oneByOne) {
            sendOne(flow, first);
            return after;
        }
        train.begin(first);
        while (after != UdpFlow.NO_SLOT && train.add(after)) {
            after = next[after];
        }
        if (train.count() == 1 || !sendTrain(flow, first, after)) {
            for (int slot = first; slot != after; slot = next[slot]) {
                sendOne(flow, slot);
            }
        }
        return after;
    }

    private boolean sendTrain(UdpFlow flow, int first, int after) {
        Upstream upstream = flow.upstream;
        int socket = upstream.fd().intValue();
        int errno = train.sendOn(socket);
        if (errno == Errno.ECONNREFUSED) {
            tellRefused(flow);
            errno = train.sendOn(socket);
        }
        upstream.fresh = false;
        if (errno != 0) {
            upstream.oneByOne = DatagramTrain.isUnfit(errno);
            return false;
        }
        counters.add(UdpCount.TO_BACKENDS, train.count());
        counters.add(UdpCount.BYTES_TO_BACKENDS, train.bytes());
        for (int slot = first; slot != after; slot = next[slot]) {
            flow.onReceived(datagrams.length(slot));
        }
        return true;
    }

    private void sendOne(UdpFlow flow, int slot) {
        Upstream upstream = flow.upstream;
        int socket = upstream.fd().intValue();
        int errno = datagrams.sendOn(slot, socket);
        if (errno == Errno.ECONNREFUSED) {
            tellRefused(flow);
            errno = datagrams.sendOn(slot, socket);
        }
        upstream.fresh = false;
        if (errno == 0) {
            counters.add(UdpCount.TO_BACKENDS, 1);
            counters.add(UdpCount.BYTES_TO_BACKENDS, datagrams.length(slot));
            flow.onReceived(datagrams.length(slot));
        } else {
            counters.add(UdpCount.FAILED, 1);
        }
    }

    /// What an earlier datagram met: said once, and this one is sent all the same.
    private void tellRefused(UdpFlow flow) {
        if (!flow.upstream.fresh) {
            refusals.tellBackendRefuses(flow);
        }
    }
}
