package io.fairlead.core.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A socket that an event loop watches for readiness.
///
/// Owned by one event loop: every method is called on it. An event may be stale: epoll reports many
/// at once, and while they are handled a socket may be closed and its descriptor be given to a new
/// one, which then gets what was meant for the old. So an event is a hint that [#onReady] verifies.
public abstract class SocketHandle implements EpollIoHandle {

    /// Bits of [#onReady], as in `linux/eventpoll.h`.
    protected static final int IN = EpollIoOps.EPOLLIN.value();

    protected static final int OUT = EpollIoOps.EPOLLOUT.value();
    protected static final int ERROR = EpollIoOps.EPOLLERR.value();
    protected static final int HANG_UP = 0x010;
    protected static final int PEER_FINISHED = EpollIoOps.EPOLLRDHUP.value();

    /// TCP urgent data has arrived: a read stops in front of it and after it.
    protected static final int URGENT = 0x002;

    /// Everything, by edges: one registration for the life of a stream socket.
    protected static final EpollIoOps STREAM =
            EpollIoOps.valueOf(IN | OUT | PEER_FINISHED | URGENT | EpollIoOps.EPOLLET.value());

    /// Nothing for now. [EpollIoOps#NONE] would not do: Netty removes the socket from epoll and
    /// then cannot add it again.
    protected static final EpollIoOps PAUSED = EpollIoOps.EPOLLET;

    private final Socket socket;
    private @Nullable IoRegistration registration;

    protected SocketHandle(Socket socket) {
        this.socket = socket;
    }

    @Override
    public final Socket fd() {
        return socket;
    }

    public final boolean isOpen() {
        return socket.isOpen();
    }

    /// Begins to watch. On the loop this takes effect at once; from elsewhere it is scheduled.
    protected final void watch(IoEventLoop loop, EpollIoOps ops) {
        if (loop.inEventLoop()) {
            watchOnLoop(loop, ops);
        } else {
            loop.execute(() -> watchOnLoop(loop, ops));
        }
    }

    private void watchOnLoop(IoEventLoop loop, EpollIoOps ops) {
        if (!socket.isOpen()) {
            return;
        }
        try {
            Future<IoRegistration> registered = loop.register(this);
            registration = registered.getNow();
            if (registration == null) {
                throw new IllegalStateException("not registered", registered.cause());
            }
            rewatch(ops);
        } catch (RuntimeException | OutOfMemoryError e) {
            onFailure(e);
        }
    }

    /// Changes what is watched.
    protected final void rewatch(EpollIoOps ops) {
        if (registration != null) {
            registration.submit(ops);
        }
    }

    @Override
    public final void handle(IoRegistration registration, IoEvent event) {
        if (!socket.isOpen()) {
            return;
        }
        // What escapes here would stop the loop for a second (Netty's loop exception handler).
        try {
            onReady(((EpollIoEvent) event).ops().value());
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // Memory: this socket's flow gives back what it holds, and the others go on.
            onFailure(e);
        }
    }

    /// The socket may have become ready.
    protected abstract void onReady(int events) throws IOException;

    /// An operation on the socket failed; the owner ends what depends on it.
    protected abstract void onFailure(Throwable cause);

    /// Closes the socket; a second call does nothing.
    @Override
    public void close() {
        if (!socket.isOpen()) {
            return;
        }
        try {
            socket.close();
        } catch (IOException _) {
            // The descriptor is gone either way: close(2) frees it before it reports.
        }
        // After the close, so that the loop spares the epoll_ctl that the kernel has done already.
        if (registration != null) {
            registration.cancel();
        }
    }

    /// Closes a socket that another process may have too: the kernel would go on to report on it
    /// here for as long as the other has it open. On the loop.
    protected final void letGo() {
        if (socket.isOpen() && registration != null) {
            registration.cancel();
        }
        close();
    }

    /// Closes with RST: what the peer has not read yet is void, and it learns that.
    public final void reset() {
        if (!socket.isOpen()) {
            return;
        }
        try {
            socket.setSoLinger(0);
        } catch (IOException | RuntimeException _) {
            // Netty reports by an unchecked ChannelException. The socket is closed all the same.
        }
        close();
    }
}
