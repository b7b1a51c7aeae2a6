package io.fairlead.core.transport;

import io.fairlead.core.kernel.Errno;
import io.fairlead.core.kernel.SocketCalls;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A socket that an event loop watches for readiness, by epoll or by an io_uring.
///
/// Owned by one event loop: every method is called on it. An event may be stale: epoll reports many
/// at once, and while they are handled a socket may be closed and its descriptor be given to a new
/// one, which then gets what was meant for the old. So an event is a hint that [#onReady] verifies.
public abstract class SocketHandle implements EpollIoHandle, IoUringIoHandle {

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

    private final FileDescriptor socket;
    private @Nullable IoRegistration registration;

    /// Null but on an io_uring.
    private @Nullable RingPoll ring;

    protected SocketHandle(FileDescriptor socket) {
        this.socket = socket;
    }

    @Override
    public final FileDescriptor fd() {
        return socket;
    }

    public final boolean isOpen() {
        return socket.isOpen();
    }

    /// Whether a loop watches it, or did until it was closed.
    protected final boolean isWatched() {
        return registration != null;
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
            if (Transport.of(loop) == Transport.IO_URING) {
                ring = new RingPoll(registration, socket.intValue());
            }
            rewatch(ops);
        } catch (RuntimeException | OutOfMemoryError e) {
            onFailure(e);
        }
    }

    /// Changes what is watched.
    protected final void rewatch(EpollIoOps ops) {
        if (ring != null) {
            ring.watch(ops.value());
        } else if (registration != null) {
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
            if (event instanceof EpollIoEvent epoll) {
                onReady(epoll.ops().value());
            } else if (event instanceof IoUringIoEvent completion && ring != null) {
                onCompletion(completion, ring);
            }
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // Memory: this socket's flow gives back what it holds, and the others go on.
            onFailure(e);
        }
    }

    private void onCompletion(IoUringIoEvent completion, RingPoll poll) throws IOException {
        int events = poll.ready(completion);
        if (events == -Errno.ECANCELED) {
            return; // another request has taken its place
        }
        if (events < 0) {
            throw new IOException("io_uring: " + Errno.text(-events));
        }
        if (events > 0) {
            onReady(events);
        }
        if (socket.isOpen()) {
            poll.arm();
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
        if (ring != null) {
            ring.disarm();
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
        if (socket.isOpen() && registration != null && ring == null) {
            registration.cancel(); // a ring is told by close()
        }
        close();
    }

    /// Closes with RST: what the peer has not read yet is void, and it learns that.
    public final void reset(SocketCalls calls) {
        if (socket.isOpen()) {
            calls.resetOnClose(socket.intValue());
            close();
        }
    }
}
