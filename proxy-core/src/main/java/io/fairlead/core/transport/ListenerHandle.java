package io.fairlead.core.transport;

import io.netty.channel.IoEventLoop;
import io.netty.channel.unix.FileDescriptor;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A socket whose address and port are free for others as soon as it is closed, and where the
/// kernel refuses clients from then on.
public abstract class ListenerHandle extends SocketHandle {

    private static final int RELEASE_SECONDS = 2;

    private final CountDownLatch released = new CountDownLatch(1);

    protected ListenerHandle(FileDescriptor socket) {
        super(socket);
    }

    /// Closes on its loop, so that the descriptor is not another's by the time of an event; returns
    /// when that is done. Control thread only.
    ///
    /// @param close what closes
    protected final void closeOn(IoEventLoop loop, Runnable close) {
        if (loop.isShuttingDown()) {
            close.run();
            return;
        }
        loop.submit(close).syncUninterruptibly();
        awaitRelease();
    }

    /// An io_uring holds the socket until it has let go of its request.
    private void awaitRelease() {
        try {
            boolean _ = isWatched() && released.await(RELEASE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public final void unregistered() {
        released.countDown();
    }
}
