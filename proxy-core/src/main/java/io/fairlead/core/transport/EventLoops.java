package io.fairlead.core.transport;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The event loops of the data plane: a fixed number of threads, each the only one that touches the
/// flows it owns.
public final class EventLoops implements AutoCloseable {

    /// Requests that a ring takes with one system call; a thousand sockets closed at once need as
    /// many.
    private static final int RING_REQUESTS = 1 << 10;

    /// Events that a ring holds until its loop comes to them; the kernel keeps more elsewhere, at a
    /// cost.
    private static final int RING_EVENTS = 1 << 13;

    private final MultiThreadIoEventLoopGroup group;
    private final String transport;
    private final @Nullable IdleCpus idleCpus;
    private final List<IoEventLoop> loops;
    private final List<LoopDelay> delays;

    private EventLoops(
            MultiThreadIoEventLoopGroup group,
            int threads,
            String transport,
            @Nullable IdleCpus idleCpus) {
        this.group = group;
        this.transport = transport;
        this.idleCpus = idleCpus;
        this.loops = IntStream.range(0, threads).mapToObj(_ -> group.next()).toList();
        this.delays = loops.stream().map(LoopDelay::new).toList();
    }

    /// Starts `threads` loops on native epoll.
    ///
    /// @throws IllegalStateException as [#open]
    public static EventLoops epoll(int threads) {
        return open(threads, LoopOptions.DEFAULT);
    }

    /// Starts `threads` loops; on epoll where the other transport is refused, and [#transport] says
    /// why.
    ///
    /// @throws IllegalStateException when epoll's native library cannot be used here; the message
    ///   says why, for there is no silent fall-back to a slower transport
    public static EventLoops open(int threads, LoopOptions options) {
        ensureEpoll();
        IdleCpus idle = options.spinMicros() == 0 ? null : IdleCpus.watch();
        if (options.transport() == Transport.IO_URING) {
            String refusal = ringRefusal();
            if (refusal == null) {
                try {
                    return start(threads, options, ring(), Transport.IO_URING.word(), idle);
                } catch (RuntimeException e) {
                    refusal = text(e);
                }
            }
            String stated = Transport.EPOLL.word() + ", for io_uring is refused: " + refusal;
            return start(threads, options, EpollIoHandler.newFactory(), stated, idle);
        }
        return start(threads, options, EpollIoHandler.newFactory(), Transport.EPOLL.word(), idle);
    }

    private static void ensureEpoll() {
        Throwable cause = Epoll.unavailabilityCause();
        if (cause != null) {
            throw new IllegalStateException(
                    "native epoll is not available ("
                            + cause.getMessage()
                            + "); Linux on x86_64 or aarch64 is needed, and a directory to unpack"
                            + " the native library to (java.io.tmpdir) or -Djava.library.path",
                    cause);
        }
    }

    private static @Nullable String ringRefusal() {
        if (IoUring.isAvailable()) {
            return IoUring.isPollAddMultishotEnabled() ? null : "the kernel is older than 5.13";
        }
        return text(IoUring.unavailabilityCause());
    }

    /// The innermost reason.
    private static String text(Throwable cause) {
        Throwable reason = cause;
        while (reason.getCause() != null) {
            reason = reason.getCause();
        }
        return String.valueOf(reason.getMessage());
    }

    private static IoHandlerFactory ring() {
        return IoUringIoHandler.newFactory(
                new IoUringIoHandlerConfig().setRingSize(RING_REQUESTS).setCqSize(RING_EVENTS));
    }

    private static EventLoops start(
            int threads,
            LoopOptions options,
            IoHandlerFactory handlers,
            String transport,
            @Nullable IdleCpus idle) {
        IoHandlerFactory used =
                idle == null ? handlers : new SpinningHandlers(handlers, options, idle);
        return new EventLoops(
                new MultiThreadIoEventLoopGroup(
                        threads, new DefaultThreadFactory("fairlead-loop", true), used),
                threads,
                idle == null
                        ? transport
                        : transport + ", spinning for " + options.spinMicros() + " us",
                idle);
    }

    /// Every loop once, in a fixed order.
    public List<IoEventLoop> loops() {
        return loops;
    }

    /// How late each of them comes to what is due. Any thread.
    public List<LoopDelay> delays() {
        return delays;
    }

    /// Names the transport in use; where another was asked for, with the reason.
    public String transport() {
        return transport;
    }

    /// Stops the loops; every socket still registered is closed. Waits at most two seconds.
    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
        if (idleCpus != null) {
            idleCpus.close();
        }
    }
}
