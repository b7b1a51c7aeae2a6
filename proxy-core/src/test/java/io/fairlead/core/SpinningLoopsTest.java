package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import io.fairlead.core.transport.LoopOptions;
import io.fairlead.core.transport.Transport;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.Socket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Loops that look for work before they sleep do all that others do, and sleep when none comes.
class SpinningLoopsTest {

    private static final int MOST_SPINS = LoopOptions.MAX_SPIN_MICROS;

    @ParameterizedTest
    @EnumSource
    void carryMessagesAndAnswerOtherThreads(Transport transport) throws IOException {
        RunningPlane running = new RunningPlane(spinning(transport));
        try (TestServer backend = TestServer.echo()) {
            AddressPort vip = running.serve(backend);
            for (int i = 0; i < 20; i++) {
                try (Socket client = Loopback.connect(vip)) {
                    for (int j = 0; j < 50; j++) {
                        client.getOutputStream().write(j);
                        assertThat(client.getInputStream().read()).isEqualTo(j);
                    }
                    // Asks the loops, which may be spinning.
                    assertThat(running.plane().counts().heldBlocks()).isZero();
                }
            }
            running.awaitIdle();
        } finally {
            running.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void sleepWhenNothingComes(Transport transport) {
        RunningPlane running = new RunningPlane(spinning(transport));
        try {
            long wall = System.nanoTime();
            long cpu = loopCpuNanos();
            eventually("half a second", () -> System.nanoTime() - wall > 500_000_000);
            assertThat(loopCpuNanos() - cpu).isLessThan(200_000_000);
        } finally {
            running.close();
        }
    }

    private static PlaneOptions spinning(Transport transport) {
        return PlaneOptions.loopback(2)
                .withLoops(LoopOptions.DEFAULT.withTransport(transport).withSpinMicros(MOST_SPINS));
    }

    private static long loopCpuNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long sum = 0;
        for (ThreadInfo thread : threads.dumpAllThreads(false, false)) {
            if (thread.getThreadName().startsWith("fairlead-loop")) {
                sum += Math.max(0, threads.getThreadCpuTime(thread.getThreadId()));
            }
        }
        return sum;
    }
}
