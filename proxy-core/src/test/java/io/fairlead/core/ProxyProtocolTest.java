package io.fairlead.core;

import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.EjectionRule;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.tcp.ConnectOptions;
import io.fairlead.core.testing.FullBacklog;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.RefusingPort;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Backends of a Service that asks for it are told who the client is and what it connected to.
class ProxyProtocolTest {

    private static final byte[] HELLO = "hello".getBytes(UTF_8);

    @RegisterExtension
    private final RunningPlane running =
            new RunningPlane(
                    PlaneOptions.loopback(2)
                            .withConnect(
                                    new ConnectOptions(Duration.ofMillis(500), 10),
                                    EjectionRule.DEFAULT));

    private void serve(AddressPort vip, int version, AddressPort... backends) {
        assertThat(
                        running.plane()
                                .apply(
                                        snapshot(
                                                clusterIp(
                                                                "web",
                                                                vip,
                                                                Balancing.Policy.ROUND_ROBIN,
                                                                List.of(backends))
                                                        .withFlows(
                                                                FlowRules.NONE.withProxyVersion(
                                                                        version)))))
                .isEmpty();
    }

    private static String version1(Socket client, AddressPort vip) {
        String from = client.getLocalAddress().getHostAddress();
        String to = vip.address().toInetAddress().getHostAddress();
        return "PROXY TCP%s %s %s %d %d\r\n"
                .formatted(
                        from.contains(":") ? "6" : "4",
                        from,
                        to,
                        client.getLocalPort(),
                        vip.port());
    }

    private static void assertTold(Socket client, String header) throws IOException {
        client.getOutputStream().write(HELLO);
        client.shutdownOutput();
        assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                .isEqualTo(header + "hello");
    }

    @Test
    void inText() throws IOException {
        try (TestServer backend = TestServer.echo()) {
            AddressPort vip = Loopback.vip();
            serve(vip, 1, backend.at());
            for (int i = 0; i < 200; i++) {
                try (Socket client = Loopback.connect(vip)) {
                    assertTold(client, version1(client, vip));
                }
            }
        }
    }

    @Test
    void inTextOverIpv6() throws IOException {
        try (TestServer backend =
                TestServer.start("::1", c -> c.getInputStream().transferTo(c.getOutputStream()))) {
            AddressPort vip = Loopback.vip6();
            serve(vip, 1, backend.at());
            try (Socket client = Loopback.connect(vip)) {
                assertTold(client, version1(client, vip));
            }
        }
    }

    @Test
    void inBinary() throws IOException {
        try (TestServer backend = TestServer.echo()) {
            AddressPort vip = Loopback.vip();
            serve(vip, 2, backend.at());
            try (Socket client = Loopback.connect(vip)) {
                client.getOutputStream().write(HELLO);
                client.shutdownOutput();
                HexFormat hex = HexFormat.of();
                assertThat(hex.formatHex(client.getInputStream().readAllBytes()))
                        .isEqualTo(
                                "0d0a0d0a000d0a515549540a2111000c"
                                        + hex.formatHex(client.getLocalAddress().getAddress())
                                        + hex.formatHex(vip.address().toInetAddress().getAddress())
                                        + hex.toHexDigits((short) client.getLocalPort())
                                        + hex.toHexDigits((short) vip.port())
                                        + hex.formatHex(HELLO));
            }
        }
    }

    @Test
    void beforeTheClientHasSaidAnything() throws IOException {
        try (TestServer backend = TestServer.echo()) {
            AddressPort vip = Loopback.vip();
            serve(vip, 1, backend.at());
            try (Socket client = Loopback.connect(vip)) {
                String header = version1(client, vip);
                assertThat(new String(client.getInputStream().readNBytes(header.length()), UTF_8))
                        .isEqualTo(header);
                assertTold(client, "");
            }
        }
    }

    /// One send: who reads it whole before it parses needs no second read.
    @Test
    void inOneSegmentWithWhatTheClientHasSaidAlready() throws IOException {
        try (FullBacklog backend = new FullBacklog()) {
            AddressPort vip = Loopback.vip();
            serve(vip, 1, backend.at());
            try (Socket client = Loopback.connect(vip)) {
                client.getOutputStream().write(HELLO);
                client.shutdownOutput();
                try (Socket connection = backend.open()) {
                    byte[] first = new byte[1_000];
                    int length = connection.getInputStream().read(first);
                    assertThat(new String(first, 0, length, UTF_8))
                            .isEqualTo(version1(client, vip) + "hello");
                    assertThat(connection.getInputStream().read()).isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void onceWhereTheFirstBackendRefused() throws IOException {
        try (TestServer backend = TestServer.echo();
                RefusingPort nobody = new RefusingPort()) {
            AddressPort vip = Loopback.vip();
            serve(vip, 1, backend.at(), nobody.at());
            for (int i = 0; i < 4; i++) {
                try (Socket client = Loopback.connect(vip)) {
                    assertTold(client, version1(client, vip));
                }
            }
            assertThat(running.plane().counts().connectRetries()).isPositive();
        }
    }

    /// More than a block holds, behind a header.
    @Test
    void inFrontOfALongStream() throws Exception {
        try (TestServer backend = TestServer.echo()) {
            AddressPort vip = Loopback.vip();
            serve(vip, 1, backend.at());
            byte[] data = new byte[1_000_000];
            new java.util.Random(7).nextBytes(data);
            try (Socket client = Loopback.connect(vip)) {
                Thread sender =
                        Thread.ofVirtual()
                                .start(() -> {
                                    try {
                                        client.getOutputStream().write(data);
                                        client.shutdownOutput();
                                    } catch (IOException _) {
                                        // The reader sees that the stream is cut.
                                    }
                                });
                String header = version1(client, vip);
                assertThat(new String(client.getInputStream().readNBytes(header.length()), UTF_8))
                        .isEqualTo(header);
                assertThat(client.getInputStream().readAllBytes()).isEqualTo(data);
                sender.join();
            }
        }
    }

    @Test
    void notWhereNobodyAskedForIt() throws IOException {
        try (TestServer backend = TestServer.echo()) {
            AddressPort vip = running.serve(backend);
            try (Socket client = Loopback.connect(vip)) {
                assertTold(client, "");
            }
        }
    }
}
