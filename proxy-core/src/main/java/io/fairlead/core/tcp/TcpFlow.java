package io.fairlead.core.tcp;

import io.fairlead.core.backend.Attempt;
import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.FlowCounters;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.flow.ClientSlot;
import io.fairlead.core.flow.ClosedFlow;
import io.fairlead.core.flow.FlowTuple;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.kernel.Errno;
import io.fairlead.core.kernel.SocketNames;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One relayed connection: the client's socket, the upstream's, and the backend it holds.
///
/// Owned by one event loop. Until it is connected it may go from one backend to another, each time
/// with a new upstream; what the client sends waits in the kernel. It ends once, either with both
/// directions finished or by a reset, and gives its backend back then.
final class TcpFlow {

    private static final Backend[] NONE_TRIED = {};

    private final TcpLoop loop;
    private final FlowSide client;
    private final long clientHigh;
    private final long clientLow;
    private final int clientPort;
    private final long vipHigh;
    private final long vipLow;
    private final int vipPort;
    private final IpFamily family;
    private Backend backend;
    private Attempt attempt;
    private @Nullable FlowSide upstream;

    /// The upstream's port at the client's address; 0 when it has the node's address.
    private int upstreamPort;

    /// Of the PROXY protocol, for the header that the backend is to get; 0 for none.
    private final byte proxyVersion;

    private boolean connected;
    private boolean peerChecked;
    private boolean ended;

    // Backends that could not be connected to; null while there are none.
    private @Nullable Backend @Nullable [] tried;

    // Of Dialer: how often the flow may still go on to another backend or wait once more.
    int stepsLeft;

    // Of ConnectQueue.
    long connectDeadlineNs;
    boolean isConnecting;
    @Nullable TcpFlow connectingBefore;
    @Nullable TcpFlow connectingAfter;

    // By the loop's coarse time, and a number drawn by lot: what the rules of the service port go
    // by.
    private final long openedNs;
    private long activeNs;
    private final int chance;

    /// Where its client is counted; null where it is not.
    private final @Nullable ClientSlot slot;

    private final FlowCounters counted;
    private final long acceptedNs;

    // Neighbours in the loop's list of flows; FlowList writes them.
    @Nullable TcpFlow older;
    @Nullable TcpFlow newer;

    /// @param attempt what it means for its first backend
    /// @param rules of its service port
    TcpFlow(
            TcpLoop loop,
            FileDescriptor client,
            FlowTuple from,
            Backend backend,
            Attempt attempt,
            FlowRules rules) {
        this.proxyVersion = (byte) Math.max(0, rules.proxyVersion());
        this.loop = loop;
        this.clientHigh = from.clientHigh();
        this.clientLow = from.clientLow();
        this.clientPort = from.clientPort();
        this.backend = backend;
        this.attempt = attempt;
        this.client = new FlowSide(this, client);
        this.openedNs = loop.coarseNs();
        this.activeNs = openedNs;
        this.chance = loop.drawChance();
        this.slot = loop.takeClientSlot();
        this.counted = backend.group().counters(loop.number());
        this.vipHigh = from.vipHigh();
        this.vipLow = from.vipLow();
        this.vipPort = from.vipPort();
        this.family = from.family();
        this.acceptedNs = from.nowNs();
        loop.acquire(backend);
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

    /// Null between two attempts to connect.
    @Nullable FlowSide upstream() {
        return upstream;
    }

    boolean isConnected() {
        return connected;
    }

    boolean isEnded() {
        return ended;
    }

    /// The socket of an attempt to connect, which begins now.
    ///
    /// @param clientsPort the port that it has at the client's address; 0 when it has the node's
    FlowSide attempt(FileDescriptor socket, int clientsPort) {
        FlowSide side = new FlowSide(this, socket);
        this.upstreamPort = clientsPort;
        upstream = side;
        client.join(side);
        return side;
    }

    /// Gives up the attempt under way.
    void dropAttempt() {
        loop.connecting().remove(this);
        FlowSide dropped = upstream;
        upstream = null;
        if (dropped != null) {
            dropped.reset(loop.calls());
        }
    }

    /// Goes on to another backend: the one it held could not be connected to.
    void moveTo(Backend next, Attempt nextAttempt) {
        next.takeFrom(backend);
        backend = next;
        attempt = nextAttempt;
    }

    /// Whether a side is still one of this flow's.
    boolean has(FlowSide side) {
        return side == client || side == upstream;
    }

    /// The backend that it holds, or held last.
    Backend backend() {
        return backend;
    }

    /// What connecting means for the backend.
    Attempt attempt() {
        return attempt;
    }

    /// The backends that could not be connected to; null in places for none.
    @Nullable Backend[] tried() {
        return tried == null ? NONE_TRIED : tried;
    }

    /// Nothing when it is among them already.
    void addTried(Backend failed) {
        if (tried == null) {
            tried = new Backend[ConnectOptions.MAX_RETRIES + 1];
        }
        int free = 0;
        while (tried[free] != null && tried[free] != failed) {
            free++;
        }
        tried[free] = failed;
    }

    /// The upstream's attempt to connect may have come to an end.
    ///
    /// @param writable whether the kernel says that it takes bytes, and of no error
    void onConnectReady(boolean writable) throws IOException {
        FlowSide side = upstream;
        if (side == null) {
            return;
        }
        if (writable && !side.maybeStale()) {
            onConnected(side, false); // the kernel says so of no other state
            return;
        }
        int state = tcpState(side);
        if (state == TcpState.SYN_SENT) {
            return; // a stale event
        }
        int code = state == TcpState.CLOSE ? loop.calls().error(side.fd().intValue()) : 0;
        boolean reset = code == Errno.ECONNRESET || code == Errno.EPIPE;
        if (state == TcpState.CLOSE && !reset) {
            loop.dialer().onFailed(this, code);
            return;
        }
        onConnected(side, reset);
    }

    private int tcpState(FlowSide side) {
        return loop.calls().tcpState(side.fd().intValue());
    }

    private void onConnected(FlowSide side, boolean reset) throws IOException {
        if (reset) {
            // A refused handshake is ECONNREFUSED: this one succeeded, and then came RST.
            side.onBroken();
        }
        connected = true;
        counted.onConnected(loop.nowNs() - acceptedNs);
        tried = null;
        loop.dialer().onConnected(this);
        if (proxyVersion != 0 && !reset) {
            tellClient();
        }
        client.becameWritable();
        if (!reset) {
            side.becameWritable();
        }
    }

    /// Begins what goes to the backend with who the client is and what it connected to.
    private void tellClient() throws IOException {
        SocketNames vip = loop.socketNames();
        if (!vip.read(client.fd().intValue())) {
            throw new IOException("the client is gone");
        }
        MemorySegment block = loop.buffers().take();
        int length = ProxyHeader.write(block, proxyVersion, this, vip);
        loop.mover().begin(client, block, length);
    }

    /// The time for the attempt under way is over.
    void onConnectTimeout() {
        try {
            if (upstream != null && tcpState(upstream) == TcpState.SYN_SENT) {
                loop.dialer().onTimeout(this);
            } else {
                onConnectReady(false);
            }
        } catch (IOException | RuntimeException _) {
            reset(FlowEnd.FAILED);
        }
    }

    /// The answer to a probe has come, whatever it was: the flow's end says nothing more.
    void probeAnswered() {
        attempt = Attempt.NORMAL;
    }

    /// Both directions are finished.
    void finish() {
        if (end(FlowEnd.FINISHED)) {
            client.close();
            boolean mayWait =
                    upstreamPort != 0 && upstream != null && upstream.hasOutputEndedFirst();
            int state = mayWait ? upstreamState() : TcpState.NONE;
            if (state == TcpState.CLOSING && loop.crossedEnds().take(this)) {
                touch();
                return;
            }
            closeUpstream();
            // Our end came first and has been acknowledged: the kernel has taken the connection
            // from the socket, to let it wait for stray packets.
            if (state == TcpState.CLOSE) {
                loop.forget(this);
            }
        }
    }

    boolean isUpstreamReset() {
        return upstream == null || loop.calls().error(upstream.fd().intValue()) != 0;
    }

    void closeUpstream() {
        if (upstream != null) {
            upstream.close();
        }
    }

    /// One of [TcpState]'s.
    int upstreamState() {
        return upstream == null ? TcpState.NONE : tcpState(upstream);
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

    /// It carries something.
    void touch() {
        activeNs = loop.coarseNs();
    }

    /// The upstream's port at the client's address; 0 when it has the node's address.
    int upstreamPort() {
        return upstreamPort;
    }

    /// When it last carried something.
    long activeNs() {
        return activeNs;
    }

    /// Why the rules of its service port end it now; null when they do not. While it is not
    /// connected, it leaves a backend that drains for another one.
    @Nullable FlowEnd due(long nowNs) {
        FlowRules rules = backend.group().rules();
        long drainingNs = connected ? backend.drainingSinceNs() : Backend.NOT_DRAINING;
        return FlowDeadlines.due(rules, openedNs, activeNs, drainingNs, chance, nowNs);
    }

    /// A round over all flows comes by.
    void onRound() {
        if (connected && !peerChecked && upstream != null) {
            peerChecked = true;
            loop.peerChecks().applyKeepAlive(loop.calls(), upstream.fd().intValue());
        }
    }

    /// Ends with RST on both sides: one of them was reset or failed, so what is under way cannot be
    /// delivered, and neither may take it for a clean end.
    void reset(FlowEnd why) {
        if (end(why)) {
            client.reset(loop.calls());
            if (upstream != null) {
                upstream.reset(loop.calls());
            }
        }
    }

    FlowCounters counted() {
        return counted;
    }

    /// The backend says something for the first time.
    void onFirstByte() {
        counted.onFirstByte(loop.nowNs() - acceptedNs);
    }

    FlowView view(SocketNames names, long nowNs) {
        FlowSide to = upstream;
        boolean named = to != null && to.isOpen() && names.read(to.fd().intValue());
        return new FlowView(
                Protocol.TCP,
                AddressPort.of(family, clientHigh, clientLow, clientPort),
                AddressPort.of(family, vipHigh, vipLow, vipPort),
                backend.group().name(),
                backend.at(),
                named
                        ? AddressPort.of(
                                names.isIpv6() ? IpFamily.IPV6 : IpFamily.IPV4,
                                names.high(),
                                names.low(),
                                names.port())
                        : null,
                nowNs - acceptedNs,
                client.received(),
                to == null ? 0 : to.received(),
                state(to));
    }

    private FlowView.State state(@Nullable FlowSide to) {
        if (!connected || to == null) {
            return FlowView.State.CONNECTING;
        }
        if (client.hasFinished()) {
            return FlowView.State.CLIENT_FINISHED;
        }
        return to.hasFinished() ? FlowView.State.BACKEND_FINISHED : FlowView.State.OPEN;
    }

    /// False when it has ended before.
    private boolean end(FlowEnd why) {
        if (ended) {
            return false;
        }
        ended = true;
        if (attempt == Attempt.PROBE) {
            backend.onProbeAbandoned();
        }
        backend.release();
        loop.connecting().remove(this);
        loop.flows().remove(this);
        loop.counters().onClosed(why);
        counted.onClosed(why);
        if (slot != null) {
            slot.release();
        }
        if (loop.closedFlows().wants(backend.group().name())) {
            FlowView last = view(loop.socketNames(), loop.nowNs());
            loop.closedFlows().offer(new ClosedFlow(last, why, System.currentTimeMillis()));
        }
        return true;
    }
}
