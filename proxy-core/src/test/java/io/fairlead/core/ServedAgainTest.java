package io.fairlead.core;

import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A VIP that is taken away is free when that is done, whatever still watches its socket.
@Tag("transport")
class ServedAgainTest {

    private static final int TIMES = 20;

    @RegisterExtension private final RunningPlane running = new RunningPlane();

    @Test
    void aVipThatIsTakenAwayRefusesAndCanBeServedAgainAtOnce() throws IOException {
        AddressPort vip = Loopback.vip();
        try (TestServer backend = TestServer.named("here")) {
            for (int i = 0; i < TIMES; i++) {
                assertThat(running.plane().apply(snapshot(clusterIp("web", vip, backend))))
                        .isEmpty();
                try (Socket client = Loopback.connect(vip)) {
                    assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                            .isEqualTo("here");
                }
                assertThat(running.plane().apply(snapshot())).isEmpty();
                assertThatThrownBy(() -> Loopback.connect(vip).close())
                        .isInstanceOf(ConnectException.class);
            }
        }
    }
}
