package io.fairlead.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.SystemCalls;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What a connection costs in system calls, as docs/hot-path.md has it: counted by strace on the
/// one event loop there is.
class SystemCallBudgetTest {

    private static final int CONNECTIONS = 300;

    /// Calls of other origin, in all: the loop's timers, and a turn that finds nothing.
    private static final int SLACK = CONNECTIONS / 10;

    /// The JVM's own: locks, memory, signals.
    private static final Set<String> NOT_OURS =
            Set.of("futex", "mmap", "munmap", "mprotect", "madvise", "sched_yield", "rt_sigreturn");

    @Test
    void ofAConnectionThatCarriesOneByteEachWay() throws Exception {
        RunningPlane running = new RunningPlane(PlaneOptions.loopback(1));
        try (TestServer backend = TestServer.echo()) {
            AddressPort vip = running.serve(backend);
            connections(vip);
            Map<String, Integer> calls =
                    SystemCalls.ofThread("fairlead-loop", () -> connections(vip));
            System.err.println(calls + " for " + CONNECTIONS + " connections");
            Map<String, Integer> most = new TreeMap<>();
            most.put("accept4", 2 * CONNECTIONS);
            most.put("socket", CONNECTIONS);
            most.put("setsockopt", 2 * CONNECTIONS);
            most.put("connect", CONNECTIONS);
            most.put("epoll_ctl", 2 * CONNECTIONS);
            most.put("read", 4 * CONNECTIONS);
            most.put("write", 2 * CONNECTIONS);
            most.put("shutdown", CONNECTIONS);
            most.put("close", 2 * CONNECTIONS);
            // One for each event that comes alone: a client, a connected upstream, a byte and an
            // end each way.
            most.put("epoll_wait", 6 * CONNECTIONS);
            most.put("epoll_pwait", 6 * CONNECTIONS);
            most.put("epoll_pwait2", 6 * CONNECTIONS);
            calls.keySet().removeAll(NOT_OURS);
            calls.forEach((call, count) ->
                    assertThat(count)
                            .as(call)
                            .isLessThanOrEqualTo(most.getOrDefault(call, 0) + SLACK));
            assertThat(calls).containsKeys("accept4", "connect", "close");
        } finally {
            running.close();
        }
    }

    private static void connections(AddressPort vip) throws IOException {
        for (int i = 0; i < CONNECTIONS; i++) {
            try (Socket client = Loopback.connect(vip)) {
                client.getOutputStream().write(i);
                assertThat(client.getInputStream().read()).isEqualTo(i & 0xff);
            }
        }
    }
}
