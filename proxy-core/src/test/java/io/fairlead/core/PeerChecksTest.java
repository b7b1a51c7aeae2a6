package io.fairlead.core;

import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.tcp.TcpOptions;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the kernel does for flows whose peers may be gone.
class PeerChecksTest {

    // Documentation/networking/proc_net_tcp.rst: timer_active.
    private static final String KEEPALIVE = "02";
    private static final String NO_TIMER = "00";

    @Test
    void bothSidesAskTheirPeersWhetherTheyAreThere() throws IOException {
        assertThat(timers(Duration.ofMinutes(2))).containsExactly(KEEPALIVE, KEEPALIVE);
    }

    @Test
    void switchedOffTheyDoNot() throws IOException {
        assertThat(timers(Duration.ZERO)).containsExactly(NO_TIMER, NO_TIMER);
    }

    /// The timers of the relay's two sockets: the client's, then the upstream's.
    private static List<String> timers(Duration keepAlive) throws IOException {
        PlaneOptions options =
                PlaneOptions.loopback(1)
                        .withTcp(
                                TcpOptions.DEFAULT
                                        .withKeepAlive(keepAlive)
                                        .withUserTimeout(Duration.ofMinutes(10)));
        AddressPort vip = Loopback.vip();
        try (DataPlane plane = DataPlane.start(options);
                TestServer backend = TestServer.echo()) {
            assertThat(plane.apply(snapshot(clusterIp("web", vip, backend)))).isEmpty();
            try (Socket client = Loopback.connect(vip)) {
                client.getOutputStream().write('x');
                assertThat(client.getInputStream().read()).isEqualTo('x');
                // Whatever was sent must be acknowledged first, for another timer runs until then;
                // and the upstream is set up when it has lived for a moment.
                String wanted = keepAlive.isZero() ? NO_TIMER : KEEPALIVE;
                io.fairlead.core.testing.Eventually.eventually(
                        "all is acknowledged",
                        () ->
                                timer(vip, true).equals(wanted)
                                        && timer(backend.at(), false).equals(wanted));
                return List.of(timer(vip, true), timer(backend.at(), false));
            }
        }
    }

    private static String timer(AddressPort at, boolean local) {
        String hex = hex(at);
        try {
            return Files.readAllLines(Path.of("/proc/self/net/tcp")).stream()
                    .map(line -> line.trim().split("\\s+"))
                    // Established, with that place as its own or its peer's.
                    .filter(f -> f[3].equals("01") && f[local ? 1 : 2].equals(hex))
                    .map(f -> f[5].substring(0, 2))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String hex(AddressPort at) {
        return "%08X:%04X".formatted(Integer.reverseBytes((int) at.address().low()), at.port());
    }
}
