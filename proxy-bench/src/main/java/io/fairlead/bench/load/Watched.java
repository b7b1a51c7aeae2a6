package io.fairlead.bench.load;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A socket that a loop watches. Every method is called on that loop.
abstract class Watched implements EpollIoHandle {

    static final int IN = EpollIoOps.EPOLLIN.value();
    static final int OUT = EpollIoOps.EPOLLOUT.value();
    static final int FINISHED = EpollIoOps.EPOLLRDHUP.value();

    /// Everything, by edges.
    static final EpollIoOps EDGES =
            EpollIoOps.valueOf(IN | OUT | FINISHED | EpollIoOps.EPOLLET.value());

    /// What is there to read, by level.
    static final EpollIoOps READS = EpollIoOps.valueOf(IN | FINISHED);

    private final Socket socket;
    private @Nullable IoRegistration registration;

    Watched(Socket socket) {
        this.socket = socket;
    }

    @Override
    public final Socket fd() {
        return socket;
    }

    final void watch(IoEventLoop loop, EpollIoOps ops) {
        IoRegistration now = loop.register(this).getNow();
        if (now == null) {
            throw new IllegalStateException("not on its loop");
        }
        registration = now;
        now.submit(ops);
    }

    @Override
    public final void handle(IoRegistration from, IoEvent event) {
        if (!socket.isOpen()) {
            return;
        }
        try {
            onReady(((EpollIoEvent) event).ops().value());
        } catch (IOException | RuntimeException e) {
            onFailure(e);
        }
    }

    abstract void onReady(int events) throws IOException;

    abstract void onFailure(Exception cause);

    @Override
    public void close() {
        if (!socket.isOpen()) {
            return;
        }
        try {
            socket.close();
        } catch (IOException _) {
            // The descriptor is gone either way.
        }
        // After the close, which took it out of epoll already.
        if (registration != null) {
            registration.cancel();
        }
    }
}
