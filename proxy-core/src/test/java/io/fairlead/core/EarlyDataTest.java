package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.backend.EjectionRule;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.tcp.ConnectOptions;
import io.fairlead.core.testing.FullBacklog;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.RefusingPort;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The beginning of a flow: who speaks first, and what waits for the upstream.
@Tag("transport")
@Tag("relay")
class EarlyDataTest {

    // The kernel repeats a SYN after one second: the first time for a backend is over then.
    @RegisterExtension
    private final RunningPlane running =
            new RunningPlane(
                    PlaneOptions.loopback(2)
                            .withConnect(
                                    new ConnectOptions(Duration.ofMillis(500), 10),
                                    EjectionRule.DEFAULT));

    @Test
    void dataSentBeforeTheUpstreamIsConnectedArrives() throws IOException {
        try (FullBacklog backend = new FullBacklog();
                Socket client = Loopback.connect(running.serveAddress(backend.at()))) {
            byte[] early = "early".getBytes(UTF_8);
            client.getOutputStream().write(early);
            eventually("a flow", () -> running.plane().liveFlows() == 1);
            try (Socket connection = backend.open()) {
                assertThat(connection.getInputStream().readNBytes(early.length)).isEqualTo(early);
                client.getOutputStream().write(early);
                assertThat(connection.getInputStream().readNBytes(early.length)).isEqualTo(early);
            }
        }
    }

    @Test
    void aServerMaySpeakFirst() throws IOException {
        try (TestServer backend =
                        TestServer.start(connection -> {
                            connection.getOutputStream().write("220 hello".getBytes(UTF_8));
                            connection.getInputStream().transferTo(connection.getOutputStream());
                        });
                Socket client = Loopback.connect(running.serve(backend))) {
            assertThat(new String(client.getInputStream().readNBytes(9), UTF_8))
                    .isEqualTo("220 hello");
            client.getOutputStream().write("quit".getBytes(UTF_8));
            client.shutdownOutput();
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8)).isEqualTo("quit");
        }
    }

    @Test
    void aBackendThatRefusesIsAResetAndNeverACleanEnd() throws IOException {
        try (RefusingPort nobody = new RefusingPort()) {
            AddressPort vip = running.serveAddress(nobody.at());
            for (int i = 0; i < 100; i++) {
                assertThatThrownBy(() -> ask(vip)).isInstanceOf(SocketException.class);
            }
            assertThat(running.plane().counts().connectFailures()).isEqualTo(100);
        }
    }

    /// A read stops at urgent data whatever lies behind it, so a short read has not emptied the
    /// socket.
    @Test
    void whatLiesBehindUrgentDataArrives() throws IOException {
        try (TestServer backend = TestServer.echo()) {
            AddressPort vip = running.serve(backend);
            for (int i = 0; i < 200; i++) {
                try (Socket client = Loopback.connect(vip)) {
                    client.getOutputStream().write("a".getBytes(UTF_8));
                    client.sendUrgentData('!');
                    client.getOutputStream().write("z".getBytes(UTF_8));
                    assertThat(new String(client.getInputStream().readNBytes(3), UTF_8))
                            .isEqualTo("a!z");
                }
            }
        }
    }

    private static void ask(AddressPort vip) throws IOException {
        try (Socket client = Loopback.connect(vip)) {
            assertThat(client.getInputStream().read()).as("a clean end").isNotEqualTo(-1);
        }
    }
}
