package io.fairlead.core.tcp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.CloseReason;
import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.backend.FlowCounters;
import io.fairlead.core.flow.ClosedFlow;
import io.fairlead.core.flow.FlowEnds;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.kernel.SocketNames;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// One relayed connection: the client's socket, the upstream's, and the backend it holds.
///
/// Owned by one event loop. It ends once, either with both directions finished or by a reset, and
/// gives its backend back then.
final class TcpFlow {

    // asm-generic/errno.h
    private static final int EPIPE = 32;
    private static final int ECONNRESET = 104;
    private static final int ECONNREFUSED = 111;

    private final TcpLoop loop;
    private final Backend backend;
    private final FlowSide client;
    private final FlowSide upstream;
    private long clientHigh;
    private long clientLow;

    /// 0 where the upstream has another name than the client's.
    private int clientPort;

    private boolean connected;
    private boolean ended;

    private final FlowCounters counted;
    private final FlowEnds ends;
    private final long openedNs;

    /// Why it ends, where whoever ends it knows better than its sides.
    private @Nullable CloseReason reason;

    // Neighbours in the loop's list of flows; FlowList writes them.
    @Nullable TcpFlow older;
    @Nullable TcpFlow newer;

    TcpFlow(TcpLoop loop, Socket client, Socket upstream, Backend backend) {
        this.loop = loop;
        this.backend = backend;
        this.client = new FlowSide(this, client);
        this.upstream = new FlowSide(this, upstream);
        this.client.join(this.upstream);
        this.counted = backend.group().counters(loop.number());
        this.ends = loop.tuple().ends();
        this.openedNs = loop.tuple().nowNs();
        backend.acquire();
        counted.onOpened();
        loop.flows().add(this);
        loop.counters().onOpened();
    }

    TcpLoop loop() {
        return loop;
    }

    FlowSide client() {
        return client;
    }

    FlowSide upstream() {
        return upstream;
    }

    boolean isConnected() {
        return connected;
    }

    boolean isEnded() {
        return ended;
    }

    /// Begins to connect to the backend. The answer comes as an event, on one machine too: the
    /// kernel handles it when this call is over.
    void connect() throws IOException {
        try {
            connected = upstream.fd().connect(backend.socketAddress());
        } catch (IOException | RuntimeException e) {
            reason = CloseReason.CONNECT_FAILED;
            boolean _ = end();
            throw e;
        }
    }

    /// Begins to listen to both sides. The client may have sent already: its bytes wait in the
    /// kernel until the upstream is connected.
    void start() {
        upstream.watch();
        if (!ended) {
            client.watch();
        }
    }

    /// The upstream's attempt to connect may have come to an end.
    void onConnectReady() throws IOException {
        int state = loop.tcpState(upstream.fd());
        if (state == TcpState.SYN_SENT) {
            return; // a stale event
        }
        int code = state == TcpState.CLOSE ? upstream.fd().getSoError() : 0;
        boolean reset = code == ECONNRESET || code == EPIPE;
        if (reset) {
            // A refused handshake is ECONNREFUSED: this one succeeded, and then came RST.
            upstream.onBroken();
        } else if (state == TcpState.CLOSE) {
            onConnectFailed(code);
            return;
        }
        connected = true;
        counted.onConnected(loop.nowNs() - openedNs);
        client.becameWritable();
        if (!reset) {
            upstream.becameWritable();
        }
    }

    private void onConnectFailed(int errno) {
        counted.onConnectFailure(ConnectFailure.of(errno));
        loop.onConnectFailure(backend, errno == ECONNREFUSED ? "refused" : "error " + errno);
        reset(CloseReason.CONNECT_FAILED);
    }

    /// Both directions are finished.
    void finish() {
        reason = CloseReason.FIN;
        if (end()) {
            client.close();
            boolean waits = clientPort != 0 && isTimeWait();
            upstream.close();
            if (waits) {
                loop.forget(this);
            }
        }
    }

    /// Whether our end came first and has been acknowledged: the kernel has taken the connection
    /// from the socket then, to let it wait for stray packets.
    private boolean isTimeWait() {
        try {
            return loop.tcpState(upstream.fd()) == TcpState.CLOSE;
        } catch (IOException _) {
            return false;
        }
    }

    /// The upstream has the client's own address and port.
    void hasClientsName(long high, long low, int port) {
        clientHigh = high;
        clientLow = low;
        clientPort = port;
    }

    long clientHigh() {
        return clientHigh;
    }

    long clientLow() {
        return clientLow;
    }

    int clientPort() {
        return clientPort;
    }

    Backend backend() {
        return backend;
    }

    /// Ends with RST on both sides: one of them was reset or failed, so what is under way cannot be
    /// delivered, and neither may take it for a clean end.
    void reset() {
        if (end()) {
            client.reset();
            upstream.reset();
        }
    }

    /// The same for a reason that its sides do not show.
    void reset(CloseReason why) {
        if (reason == null) {
            reason = why;
        }
        reset();
    }

    private CloseReason reason() {
        if (reason != null) {
            return reason;
        }
        if (client.hasFailed()) {
            return CloseReason.CLIENT_RST;
        }
        return upstream.hasFailed() ? CloseReason.BACKEND_RST : CloseReason.ERROR;
    }

    FlowCounters counted() {
        return counted;
    }

    FlowView view(SocketNames names, long nowNs) {
        boolean named = upstream.isOpen() && names.read(upstream.fd().intValue());
        return new FlowView(
                Protocol.TCP,
                ends.client(),
                ends.vip(),
                backend.group().name(),
                backend.at(),
                named
                        ? FlowEnds.at(
                                names.isIpv6() ? IpFamily.IPV6 : IpFamily.IPV4,
                                names.high(),
                                names.low(),
                                names.port())
                        : null,
                nowNs - openedNs,
                client.received(),
                upstream.received(),
                state());
    }

    private FlowView.State state() {
        if (!connected) {
            return FlowView.State.CONNECTING;
        }
        if (client.hasFinished()) {
            return FlowView.State.CLIENT_FINISHED;
        }
        return upstream.hasFinished() ? FlowView.State.BACKEND_FINISHED : FlowView.State.OPEN;
    }

    /// False when it has ended before.
    private boolean end() {
        if (ended) {
            return false;
        }
        ended = true;
        backend.release();
        loop.flows().remove(this);
        CloseReason why = reason();
        counted.onClosed(why);
        loop.counters().onClosed();
        if (loop.closedFlows().wants(backend.group().name())) {
            FlowView last = view(loop.socketNames(), loop.nowNs());
            loop.closedFlows().offer(new ClosedFlow(last, why, System.currentTimeMillis()));
        }
        return true;
    }
}
