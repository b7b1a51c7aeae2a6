package io.fairlead.core;

import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DataPlaneTest {

    private static final AddressPort VIP = new AddressPort(IpAddress.parse("127.9.0.1"), 8080);

    private final DataPlane plane = DataPlane.start(2);

    @AfterEach
    void stop() {
        plane.close();
    }

    @Test
    void leadsAConnectionToABackend() throws IOException {
        try (TestServer a = TestServer.named("a")) {
            assertThat(plane.apply(snapshot(clusterIp("web", VIP, a)))).isEmpty();
            assertThat(ask()).isEqualTo("a");
        }
    }

    @Test
    void refusesWhatHasNoBackendAndWhatIsGone() throws IOException {
        try (TestServer a = TestServer.named("a")) {
            plane.apply(snapshot(clusterIp("web", VIP)));
            assertThatThrownBy(DataPlaneTest::ask).isInstanceOf(ConnectException.class);
            plane.apply(snapshot(clusterIp("web", VIP, a)));
            assertThat(ask()).isEqualTo("a");
            plane.apply(ServiceSnapshot.EMPTY);
            assertThatThrownBy(DataPlaneTest::ask).isInstanceOf(ConnectException.class);
        }
    }

    private static String ask() throws IOException {
        try (Socket socket = new Socket(VIP.address().toInetAddress(), VIP.port())) {
            socket.setSoTimeout(5_000);
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
