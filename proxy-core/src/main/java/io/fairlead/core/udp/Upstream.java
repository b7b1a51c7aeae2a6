package io.fairlead.core.udp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.transport.SocketHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Socket;
import org.jspecify.annotations.Nullable;

/// A socket that is connected to a backend, so that only the backend is heard and the kernel tells
/// when it refuses.
///
/// It belongs to one flow, or waits in [Upstreams] for the next. Owned by one event loop.
final class Upstream extends SocketHandle {

    final Backend backend;

    /// What the backend sees of it.
    final SourceName source;

    final Questions questions = new Questions();

    /// Null while it waits for one.
    @Nullable UdpFlow flow;

    /// Flows that had it before.
    int reuses;

    /// Whether nothing was sent on it for this flow yet: an error that it has is an earlier one's.
    boolean fresh = true;

    /// Whether its datagrams cannot go in a train ([DatagramTrain#isUnfit]).
    boolean oneByOne;

    /// Whether it heard what its flow had not asked for, and is to serve no other.
    boolean spoilt;

    /// Where it waits, or did.
    @Nullable IdleUpstreams idle;

    long idleSinceNs;

    private final UdpLoop loop;

    Upstream(Socket socket, UdpLoop loop, Backend backend, SourceName source) {
        super(socket);
        this.loop = loop;
        this.backend = backend;
        this.source = source;
    }

    void start() {
        watch(loop.eventLoop(), EpollIoOps.EPOLLIN);
    }

    /// Hears nothing for a while; what comes waits.
    void pause() {
        rewatch(PAUSED);
    }

    void resume() {
        rewatch(EpollIoOps.EPOLLIN);
    }

    /// Another process has it too, and goes on with it.
    void leave() {
        letGo();
    }

    /// Whether answers may come that an earlier flow asked for.
    boolean isReused() {
        return reuses > 0;
    }

    @Override
    protected void onReady(int events) {
        loop.fromBackends().onReady(this);
    }

    @Override
    protected void onFailure(Throwable cause) {
        loop.fromBackends().onFailure(this);
    }
}
