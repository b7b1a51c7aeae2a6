package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class IdleConnectionsTest {

    private static final int CONNECTIONS = 2_000;

    @RegisterExtension private final RunningPlane running = new RunningPlane();

    @Test
    void twoThousandIdleConnectionsEachEchoOnce() throws IOException {
        List<Socket> clients = new ArrayList<>();
        try (TestServer backend = TestServer.echo()) {
            AddressPort vip = running.serve(backend);
            for (int i = 0; i < CONNECTIONS; i++) {
                clients.add(Loopback.connect(vip));
            }
            eventually("all are led on", () -> backend.open() == CONNECTIONS);
            assertThat(running.plane().liveFlows()).isEqualTo(CONNECTIONS);
            for (int i = 0; i < CONNECTIONS; i++) {
                clients.get(i).getOutputStream().write(i);
            }
            for (int i = 0; i < CONNECTIONS; i++) {
                assertThat(clients.get(i).getInputStream().read()).isEqualTo(i & 0xff);
            }
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }
}
