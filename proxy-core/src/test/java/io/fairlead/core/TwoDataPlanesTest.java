package io.fairlead.core;

import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureFailure;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A VIP whose address and port another socket holds.
class TwoDataPlanesTest {

    @RegisterExtension private final RunningPlane first = new RunningPlane();
    @RegisterExtension private final RunningPlane second = new RunningPlane();

    @Test
    void theSecondNamesTheHolderServesTheRestAndTakesOver() throws IOException {
        AddressPort contested = Loopback.vip();
        AddressPort free = Loopback.vip();
        try (TestServer a = TestServer.named("a");
                TestServer b = TestServer.named("b")) {
            first.serve(contested, a);
            List<CaptureFailure> failures =
                    second.plane()
                            .apply(
                                    snapshot(
                                            clusterIp("contested", contested, b),
                                            clusterIp("free", free, b)));
            assertThat(failures)
                    .singleElement()
                    .satisfies(failure -> {
                        assertThat(failure.frontend().at()).isEqualTo(contested);
                        assertThat(failure.holder()).isNotNull();
                        assertThat(failure.message())
                                .contains(contested.toString())
                                .contains("pid " + ProcessHandle.current().pid());
                    });
            assertThat(ask(contested)).isEqualTo("a");
            assertThat(ask(free)).isEqualTo("b");
            assertThat(second.plane().maintain()).hasSize(1);

            first.close();
            assertThat(second.plane().maintain()).isEmpty();
            assertThat(ask(contested)).isEqualTo("b");
        }
    }

    @Test
    void anAddressAnotherProcessHoldsIsTakenOnceItIsFree() throws IOException {
        AddressPort contested = Loopback.vip();
        try (TestServer backend = TestServer.named("a")) {
            try (ServerSocket holder =
                    new ServerSocket(contested.port(), 1, contested.address().toInetAddress())) {
                assertThat(holder.isBound()).isTrue();
                assertThat(second.plane().apply(snapshot(clusterIp("web", contested, backend))))
                        .hasSize(1);
            }
            assertThat(second.plane().maintain()).isEmpty();
            assertThat(ask(contested)).isEqualTo("a");
        }
    }

    private static String ask(AddressPort vip) throws IOException {
        try (Socket socket = Loopback.connect(vip)) {
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
