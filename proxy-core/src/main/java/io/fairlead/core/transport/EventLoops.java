package io.fairlead.core.transport;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/// The event loops of the data plane: a fixed number of threads, each the only one that touches the
/// flows it owns.
public final class EventLoops implements AutoCloseable {

    private final MultiThreadIoEventLoopGroup group;
    private final List<IoEventLoop> loops;
    private final List<LoopDelay> delays;

    private EventLoops(MultiThreadIoEventLoopGroup group, int threads) {
        this.group = group;
        this.loops = IntStream.range(0, threads).mapToObj(_ -> group.next()).toList();
        this.delays = loops.stream().map(LoopDelay::new).toList();
    }

    /// Starts `threads` loops on native epoll.
    ///
    /// @throws IllegalStateException when the native library cannot be used here; the message says
    ///   why, for there is no silent fall-back to a slower transport
    public static EventLoops epoll(int threads) {
        Throwable cause = Epoll.unavailabilityCause();
        if (cause != null) {
            throw new IllegalStateException(
                    "native epoll is not available ("
                            + cause.getMessage()
                            + "); Linux on x86_64 or aarch64 is needed, and a directory to unpack"
                            + " the native library to (java.io.tmpdir) or -Djava.library.path",
                    cause);
        }
        return new EventLoops(
                new MultiThreadIoEventLoopGroup(
                        threads,
                        new DefaultThreadFactory("fairlead-loop", true),
                        EpollIoHandler.newFactory()),
                threads);
    }

    /// Every loop once, in a fixed order.
    public List<IoEventLoop> loops() {
        return loops;
    }

    /// How late each of them comes to what is due. Any thread.
    public List<LoopDelay> delays() {
        return delays;
    }

    /// The word that names the transport in use.
    public String transport() {
        return "epoll";
    }

    /// Stops the loops; every socket still registered is closed. Waits at most two seconds.
    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
