package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Whom nothing serves is refused by the kernel, before any handshake (SEMANTICS A6).
@Tag("transport")
class RefusalTest {

    @RegisterExtension private final RunningPlane running = new RunningPlane();

    @Test
    void aServiceWithoutABackendRefuses() {
        AddressPort vip = running.serve();
        assertRefused(vip);
    }

    @Test
    void aPortThatNoServiceHasRefuses() {
        try (TestServer backend = TestServer.named("a")) {
            AddressPort vip = running.serve(backend);
            assertRefused(new AddressPort(vip.address(), vip.port() + 1));
        }
    }

    @Test
    void aServiceWhoseLastBackendGoesAwayRefusesAndKeepsItsFlows() throws IOException {
        try (TestServer backend = TestServer.echo()) {
            AddressPort vip = running.serve(backend);
            try (Socket client = Loopback.connect(vip)) {
                assertEchoes(client);
                running.serve(vip);
                assertRefused(vip);
                assertEchoes(client);
                running.serve(vip, backend);
                try (Socket another = Loopback.connect(vip)) {
                    assertEchoes(another);
                }
                assertEchoes(client);
            }
        }
    }

    @Test
    void aServiceThatIsRemovedRefusesAndKeepsItsFlows() throws IOException {
        try (TestServer backend = TestServer.echo()) {
            AddressPort vip = running.serve(backend);
            try (Socket client = Loopback.connect(vip)) {
                assertEchoes(client);
                assertThat(running.plane().apply(ServiceSnapshot.EMPTY)).isEmpty();
                assertRefused(vip);
                assertEchoes(client);
            }
        }
    }

    @Test
    void aVipRemovedAndAddedAtOnceServes() throws IOException {
        try (TestServer backend = TestServer.echo()) {
            AddressPort vip = running.serve(backend);
            for (int i = 0; i < 100; i++) {
                // A flow keeps the address and port occupied: it must not keep us from listening.
                try (Socket client = Loopback.connect(vip)) {
                    assertEchoes(client);
                    assertThat(running.plane().apply(ServiceSnapshot.EMPTY)).isEmpty();
                    running.serve(vip, backend);
                    try (Socket another = Loopback.connect(vip)) {
                        assertEchoes(another);
                    }
                    assertEchoes(client);
                }
            }
        }
    }

    @Test
    void aVipThatMovesToAnotherServiceIsServedByIt() throws IOException {
        try (TestServer a = TestServer.named("a");
                TestServer b = TestServer.named("b")) {
            AddressPort vip = Loopback.vip();
            assertThat(running.plane().apply(snapshot(clusterIp("a", vip, a)))).isEmpty();
            assertThat(answer(vip)).isEqualTo("a");
            assertThat(running.plane().apply(snapshot(clusterIp("b", vip, b)))).isEmpty();
            assertThat(answer(vip)).isEqualTo("b");
        }
    }

    @Test
    void aPlaneThatClosesResetsItsFlows() throws IOException {
        try (TestServer backend = TestServer.echo()) {
            AddressPort vip = running.serve(backend);
            try (Socket client = Loopback.connect(vip)) {
                assertEchoes(client);
                running.close();
                assertThatThrownBy(() -> client.getInputStream().read())
                        .hasMessageContaining("Connection reset");
                assertRefused(vip);
                eventually("the backend is left", () -> backend.open() == 0);
                assertThat(running.plane().liveFlows()).isZero();
                assertThat(running.liveOnBackends()).isZero();
            }
        }
    }

    private static void assertRefused(AddressPort at) {
        assertThatThrownBy(() -> Loopback.connect(at).close())
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("Connection refused");
    }

    private static void assertEchoes(Socket client) throws IOException {
        client.getOutputStream().write('x');
        assertThat(client.getInputStream().read()).isEqualTo('x');
    }

    private static String answer(AddressPort vip) throws IOException {
        try (Socket client = Loopback.connect(vip)) {
            return new String(client.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
