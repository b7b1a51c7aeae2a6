package io.fairlead.core.tcp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.flow.ClientSlot;
import io.fairlead.core.service.FlowRules;
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

    // By the loop's coarse time, and a number drawn by lot: what the rules of the service port go
    // by.
    private final long openedNs;
    private long activeNs;
    private final int chance;

    /// Where its client is counted; null where it is not.
    private final @Nullable ClientSlot slot;

    // Neighbours in the loop's list of flows; FlowList writes them.
    @Nullable TcpFlow older;
    @Nullable TcpFlow newer;

    TcpFlow(TcpLoop loop, Socket client, Socket upstream, Backend backend) {
        this.loop = loop;
        this.backend = backend;
        this.client = new FlowSide(this, client);
        this.upstream = new FlowSide(this, upstream);
        this.client.join(this.upstream);
        this.openedNs = loop.coarseNs();
        this.activeNs = openedNs;
        this.chance = loop.drawChance();
        this.slot = loop.takeClientSlot();
        backend.acquire();
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
            boolean _ = end(FlowEnd.NOT_CONNECTED);
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
            onConnectFailed(code == ECONNREFUSED ? "refused" : "error " + code);
            return;
        }
        connected = true;
        client.becameWritable();
        if (!reset) {
            upstream.becameWritable();
        }
    }

    private void onConnectFailed(String cause) {
        loop.onConnectFailure(backend, cause);
        reset(FlowEnd.NOT_CONNECTED);
    }

    /// Both directions are finished.
    void finish() {
        if (end(FlowEnd.FINISHED)) {
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

    /// It carries something.
    void touch() {
        activeNs = loop.coarseNs();
    }

    /// Why the rules of its service port end it now; null when they do not.
    @Nullable FlowEnd due(long nowNs) {
        FlowRules rules = backend.group().rules();
        return FlowDeadlines.due(
                rules, openedNs, activeNs, backend.drainingSinceNs(), chance, nowNs);
    }

    /// Ends with RST on both sides: one of them was reset or failed, so what is under way cannot be
    /// delivered, and neither may take it for a clean end.
    void reset(FlowEnd why) {
        if (end(why)) {
            client.reset();
            upstream.reset();
        }
    }

    /// False when it has ended before.
    private boolean end(FlowEnd why) {
        if (ended) {
            return false;
        }
        ended = true;
        backend.release();
        loop.flows().remove(this);
        loop.counters().onClosed(why);
        if (slot != null) {
            slot.release();
        }
        return true;
    }
}
