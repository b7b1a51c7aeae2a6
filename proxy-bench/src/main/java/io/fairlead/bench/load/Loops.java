package io.fairlead.bench.load;

import io.fairlead.lab.Setns;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/// A few event loops, which make their sockets in one network namespace after another.
///
/// So the same threads, and what the JVM compiled for them, serve every peer.
final class Loops implements AutoCloseable {

    private final MultiThreadIoEventLoopGroup group;
    private final List<IoEventLoop> loops;

    Loops(int threads) {
        group = new MultiThreadIoEventLoopGroup(threads, EpollIoHandler.newFactory());
        loops = IntStream.range(0, threads).mapToObj(_ -> group.next()).toList();
    }

    List<IoEventLoop> all() {
        return loops;
    }

    /// From now on all loops make their sockets in this namespace, a file below /run/netns.
    void enter(Path namespace) throws Exception {
        for (IoEventLoop loop : loops) {
            on(
                    loop,
                    () -> {
                        Setns.enter(namespace);
                        return true;
                    });
        }
    }

    /// Runs a task on a loop and waits for it.
    static <T> T on(IoEventLoop loop, Callable<T> task) throws Exception {
        return loop.submit(task).get();
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
