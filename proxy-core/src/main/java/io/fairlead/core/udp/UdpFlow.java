package io.fairlead.core.udp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.FlowCounters;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.handover.HandedFlow;
import io.fairlead.core.kernel.SocketNames;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.VipTable;
import org.jspecify.annotations.Nullable;

/// What one client socket exchanges with a VIP, and so with one backend while it lasts.
///
/// Owned by one event loop.
final class UdpFlow {

    /// No slot of a batch.
    static final int NO_SLOT = -1;

    final UdpListener listener;
    final long clientHigh;
    final long clientLow;
    final int clientPort;
    final Upstream upstream;
    final ClientFlows ofClient;

    /// Whether it ends with the answer to its last question.
    final boolean ofQuestions;

    /// The generation by which the backend was last found to be served.
    private VipTable table;

    long openedNs;
    long lastSeenNs;
    boolean replied;

    /// Whether the client sent what is no question of DNS, so that answers are only counted.
    private boolean counted;

    /// What it has in the batch that is led now; [ToBackends] writes them.
    int firstSlot = NO_SLOT;

    int lastSlot = NO_SLOT;

    /// Whether answers to its client cannot go in a train ([DatagramTrain#isUnfit]).
    boolean oneByOne;

    private int outstanding;
    private boolean ended;

    private final FlowCounters counters;
    private long receivedBytes;
    private long returnedBytes;

    // Neighbours in the loop's list, and in that of the client's flows; these write them.
    @Nullable UdpFlow older;
    @Nullable UdpFlow newer;
    @Nullable UdpFlow olderOfClient;
    @Nullable UdpFlow newerOfClient;

    UdpFlow(
            UdpListener listener,
            long clientHigh,
            long clientLow,
            int clientPort,
            Upstream upstream,
            ClientFlows ofClient,
            boolean ofQuestions,
            VipTable table,
            FlowCounters counters) {
        this.listener = listener;
        this.clientHigh = clientHigh;
        this.clientLow = clientLow;
        this.clientPort = clientPort;
        this.upstream = upstream;
        this.ofClient = ofClient;
        this.ofQuestions = ofQuestions;
        this.table = table;
        this.counters = counters;
        upstream.flow = this;
        upstream.backend.acquire();
        counters.onOpened();
    }

    /// A datagram of its client was passed on.
    void onReceived(int bytes) {
        receivedBytes += bytes;
        counters.onReceivedDatagram(bytes);
    }

    /// A datagram of its backend was passed on.
    void onReturned(int bytes) {
        returnedBytes += bytes;
        if (!ofQuestions) {
            countAnswer();
        }
        counters.onReturnedDatagram(bytes);
    }

    boolean isOf(long high, long low, int port) {
        return clientLow == low && clientPort == port && clientHigh == high;
    }

    Backend backend() {
        return upstream.backend;
    }

    /// Whether its backend still serves; by the table of the moment, once for each generation.
    boolean isServed(VipTable now) {
        if (table == now) {
            return true;
        }
        VipTable.Row row = now.lookup(listener.frontend());
        boolean served =
                row != null
                        && row.entry().group() == backend().group()
                        && row.entry().serves(backend().at());
        if (served) {
            table = now;
        }
        return served;
    }

    /// The client asks.
    ///
    /// @param question one of [DnsMessage]'s keys
    void onQuestion(long question) {
        outstanding++;
        if (question == DnsMessage.NONE) {
            counted = true;
        } else {
            upstream.questions.ask(question);
        }
    }

    /// As another process can go on with it.
    ///
    /// @param number which of the sockets of its frontend its client's datagrams come to
    HandedFlow handed(int number, long nowNs) {
        IpFamily family = listener.frontend().at().address().family();
        return new HandedFlow(
                listener.frontend(),
                number,
                new IpAddress(family, clientHigh, clientLow),
                clientPort,
                upstream.backend.group().name(),
                upstream.backend.at(),
                upstream.source != SourceName.NODE,
                upstream.reuses,
                replied,
                counted,
                outstanding,
                upstream.questions.isExact(),
                upstream.questions.waiting(),
                nowNs - openedNs,
                nowNs - lastSeenNs,
                upstream.fd().intValue());
    }

    /// Goes on where another process was.
    void restore(HandedFlow handed, long nowNs) {
        openedNs = nowNs - handed.openNs();
        lastSeenNs = nowNs - handed.quietNs();
        counted = handed.counted();
        outstanding = handed.outstanding();
        upstream.fresh = false;
        upstream.reuses = handed.reuses();
        upstream.questions.restore(handed.questions(), handed.exact());
    }

    /// The backend answers.
    ///
    /// @return whether the client is to have it: not when it may be the answer to a question of
    ///   another flow
    boolean onAnswer(long answer) {
        countAnswer();
        boolean known = answer != DnsMessage.NONE && upstream.questions.answer(answer);
        return known || !upstream.isReused();
    }

    private void countAnswer() {
        if (outstanding > 0) {
            outstanding--;
        }
    }

    /// Whether its client may still wait: it sent more than came back.
    boolean isOwed() {
        return outstanding > 0;
    }

    boolean isEnded() {
        return ended;
    }

    /// Whether all that was asked was answered, as far as one can tell.
    boolean isAnswered() {
        return counted ? outstanding <= 0 : upstream.questions.isSettled();
    }

    /// Whether it is certain that no answer is to come but a second one.
    boolean isSettled() {
        return ofQuestions && !counted && upstream.questions.isSettled();
    }

    FlowView view(SocketNames names, long nowNs) {
        boolean named = upstream.isOpen() && names.read(upstream.fd().intValue());
        IpFamily family = listener.frontend().at().address().family();
        return new FlowView(
                Protocol.UDP,
                AddressPort.of(family, clientHigh, clientLow, clientPort),
                listener.frontend().at(),
                upstream.backend.group().name(),
                upstream.backend.at(),
                named
                        ? AddressPort.of(
                                names.isIpv6() ? IpFamily.IPV6 : IpFamily.IPV4,
                                names.high(),
                                names.low(),
                                names.port())
                        : null,
                nowNs - openedNs,
                receivedBytes,
                returnedBytes,
                replied ? FlowView.State.REPLIED : FlowView.State.UNREPLIED);
    }

    /// Gives back the backend; false when it has ended before.
    boolean end(FlowEnd reason) {
        if (ended) {
            return false;
        }
        ended = true;
        counters.onClosed(reason);
        upstream.backend.release();
        return true;
    }
}
