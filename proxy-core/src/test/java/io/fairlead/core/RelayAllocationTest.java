package io.fairlead.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.fairlead.core.tcp.RelayMode;
import io.fairlead.core.tcp.TcpOptions;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.net.Socket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// An event loop allocates nothing of ours for bytes that pass, by its thread's own allocation
/// counter. Netty makes an object of 32 bytes of each event that tells of more than one thing
/// (`EpollIoOps.eventOf`).
class RelayAllocationTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final byte[] MESSAGE = new byte[64];

    /// Until the JIT has compiled what allocates while it is interpreted.
    private static final int WARM_UP = 20_000;

    private static final int MESSAGES = 2_000;
    private static final int ROUNDS = 10;

    /// One event each way.
    private static final int NETTYS_BYTES = 2 * 32;

    /// For the loop's timers, ten times a second.
    private static final long SLACK = 4_000;

    @ParameterizedTest
    @EnumSource
    void aMessageEachWay(RelayMode mode) throws IOException {
        PlaneOptions options = PlaneOptions.loopback(1).withTcp(TcpOptions.DEFAULT.withRelay(mode));
        RunningPlane running = new RunningPlane(options);
        try (TestServer backend = TestServer.echo();
                Socket client = Loopback.connect(running.serve(backend))) {
            exchange(client, WARM_UP);
            long loop = youngestLoop();
            long most = SLACK + (long) MESSAGES * NETTYS_BYTES;
            long least = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS && least > most; round++) {
                long before = THREADS.getThreadAllocatedBytes(loop);
                exchange(client, MESSAGES);
                least = Math.min(least, THREADS.getThreadAllocatedBytes(loop) - before);
            }
            assertThat(least).as("bytes for %d messages", MESSAGES).isLessThanOrEqualTo(most);
        } finally {
            running.close();
        }
    }

    private static long youngestLoop() {
        long found = -1;
        for (ThreadInfo thread : THREADS.dumpAllThreads(false, false)) {
            if (thread.getThreadName().startsWith("fairlead-loop")) {
                found = Math.max(found, thread.getThreadId());
            }
        }
        return found;
    }

    private static void exchange(Socket client, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            client.getOutputStream().write(MESSAGE);
            assertThat(client.getInputStream().readNBytes(MESSAGE.length)).hasSize(MESSAGE.length);
        }
    }
}
