package io.fairlead.core.udp;

import io.fairlead.core.kernel.DatagramTrain;
import io.fairlead.core.kernel.Datagrams;
import io.fairlead.core.service.IpFamily;

/// Answers on their way to clients, from the address and port that each asked (SEMANTICS A11.7).
/// Owned by one event loop.
final class ToClients {

    private final Datagrams datagrams;
    private final DatagramTrain train;
    private final UdpCounters counters;

    ToClients(UdpLoopState state, DatagramTrain train) {
        this.datagrams = state.datagrams;
        this.counters = state.counters;
        this.train = train;
    }

    /// Passes on what was received from a flow's backend, but for what may be another flow's.
    void send(UdpFlow flow, int count) {
        boolean ipv6 = flow.listener.frontend().at().address().family() == IpFamily.IPV6;
        int begin = 0;
        for (int slot = 0; slot < count; slot++) {
            if (flow.ofQuestions && !flow.onAnswer(DnsMessage.answer(datagrams, slot))) {
                counters.add(UdpCount.LATE, 1);
                flow.upstream.spoilt = flow.upstream.source != SourceName.NODE;
                send(flow, begin, slot);
                begin = slot + 1;
                continue;
            }
            counters.add(UdpCount.TO_CLIENTS, 1);
            counters.add(UdpCount.BYTES_TO_CLIENTS, datagrams.length(slot));
            flow.onReturned(datagrams.length(slot));
            datagrams.address(slot, ipv6, flow.clientHigh, flow.clientLow, flow.clientPort);
        }
        send(flow, begin, count);
    }

    private void send(UdpFlow flow, int begin, int end) {
        int socket = flow.listener.fd().intValue();
        int unsent = begin;
        int at = begin;
        while (end - at > 1 && !flow.oneByOne) {
            int after = gather(at, end);
            if (train.count() > 1) {
                datagrams.sendTogether(unsent, at, socket);
                unsent = sendTrain(flow, at, socket) ? after : at;
            }
            at = after;
        }
        datagrams.sendTogether(unsent, end, socket);
    }

    /// Makes a train of those from one slot on.
    ///
    /// @return the first that is not in it
    private int gather(int first, int end) {
        int after = first + 1;
        train.begin(first);
        while (after < end && train.add(after)) {
            after++;
        }
        return after;
    }

    private boolean sendTrain(UdpFlow flow, int first, int socket) {
        int errno = train.sendTo(first, socket);
        flow.oneByOne = DatagramTrain.isUnfit(errno);
        return errno == 0;
    }
}
