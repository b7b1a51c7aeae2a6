package io.fairlead.core;

import static io.fairlead.core.testing.DatagramServices.address;
import static io.fairlead.core.testing.Eventually.eventually;
import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.testing.DatagramServer;
import io.fairlead.core.testing.DatagramServices;
import io.fairlead.core.testing.DnsQuestion;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.File;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of flows of datagrams when one data plane takes over from another (SEMANTICS
/// A11.6), and that nothing is left open by it.
class HandOverOfDatagramsTest {

    /// `-Dfairlead.handovers=1000` for more.
    private static final int HANDOVERS = Integer.getInteger("fairlead.handovers", 100);

    @TempDir private Path folder;

    private static DatagramSocket datagramClient() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static void send(DatagramSocket from, AddressPort to, byte[] text) throws IOException {
        from.send(new DatagramPacket(text, text.length, address(to)));
    }

    private static byte[] receive(DatagramSocket at, AddressPort from) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        at.receive(packet);
        assertThat(packet.getSocketAddress()).isEqualTo(address(from));
        return java.util.Arrays.copyOf(packet.getData(), packet.getLength());
    }

    /// SEMANTICS A11.6: a client and a server that speak by datagrams do not notice.
    @Test
    void aFlowOfDatagramsKeepsItsBackendAndItsSocket() throws IOException {
        AddressPort vip = Loopback.vip();
        try (DatagramServer a = DatagramServer.start("a");
                DatagramServer b = DatagramServer.start("b");
                DataPlane old = DataPlane.start(2)) {
            ServiceSnapshot served = DatagramServices.snapshot(vip, a.at(), b.at());
            assertThat(old.apply(served)).isEmpty();
            List<DatagramSocket> clients = new ArrayList<>();
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                clients.add(datagramClient());
                send(clients.getLast(), vip, "x".getBytes(US_ASCII));
                names.add(new String(receive(clients.getLast(), vip), US_ASCII));
            }
            PlaneOptions otherLoops = PlaneOptions.loopback(3);
            try (Succession succession = Succession.of(old, otherLoops, served, folder, () -> {})) {
                for (int i = 0; i < 30; i++) {
                    send(clients.get(i), vip, "x".getBytes(US_ASCII));
                    assertThat(new String(receive(clients.get(i), vip), US_ASCII))
                            .isEqualTo(names.get(i));
                }
                assertThat(succession.plane().counts().liveDatagramFlows()).isEqualTo(30);
                assertThat(old.liveFlows()).isZero();
            } finally {
                clients.forEach(DatagramSocket::close);
            }
        }
    }

    @Test
    void datagramsThatComeWhileNobodyTakesThemAreLed() throws IOException {
        AddressPort vip = Loopback.vip();
        try (DatagramServer a = DatagramServer.start("a");
                DatagramSocket known = datagramClient();
                DatagramSocket stranger = datagramClient();
                DataPlane old = DataPlane.start(2)) {
            ServiceSnapshot served = DatagramServices.snapshot(vip, a.at());
            assertThat(old.apply(served)).isEmpty();
            send(known, vip, "before".getBytes(US_ASCII));
            assertThat(new String(receive(known, vip), US_ASCII)).isEqualTo("a:before");
            Runnable meanwhile =
                    () -> {
                        try {
                            send(known, vip, "1".getBytes(US_ASCII));
                            send(stranger, vip, "2".getBytes(US_ASCII));
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    };
            try (Succession _ =
                    Succession.of(old, PlaneOptions.loopback(2), served, folder, meanwhile)) {
                assertThat(new String(receive(known, vip), US_ASCII)).isEqualTo("a:1");
                assertThat(new String(receive(stranger, vip), US_ASCII)).isEqualTo("a:2");
            }
        }
    }

    /// The question was asked of the old one, the answer comes to the new one.
    @Test
    void anAnswerThatIsOutstandingComes() throws IOException {
        AddressPort vip = new AddressPort(Loopback.address(), 53);
        try (DatagramSocket backend = datagramClient();
                DatagramSocket client = datagramClient();
                DataPlane old = DataPlane.start(2)) {
            AddressPort at =
                    new AddressPort(
                            io.fairlead.core.service.IpAddress.of(backend.getLocalAddress()),
                            backend.getLocalPort());
            ServiceSnapshot served = DatagramServices.snapshot(vip, at);
            assertThat(old.apply(served)).isEmpty();
            DnsQuestion question = new DnsQuestion(4711, "example.org");
            send(client, vip, question.bytes());
            DatagramPacket asked = new DatagramPacket(new byte[512], 512);
            backend.receive(asked);
            try (Succession succession = Succession.of(old, served, folder)) {
                byte[] answer = question.answer();
                backend.send(new DatagramPacket(answer, answer.length, asked.getSocketAddress()));
                assertThat(receive(client, vip)).isEqualTo(answer);
                eventually(
                        "answered is over",
                        () -> succession.plane().counts().liveDatagramFlows() == 0);
            }
        }
    }

    @Test
    void noDescriptorIsLeftBehind() throws IOException {
        AddressPort vip = Loopback.vip();
        try (TestServer backend = TestServer.echo();
                DatagramServer datagrams = DatagramServer.start("a");
                DatagramSocket client = datagramClient()) {
            ServiceSnapshot served =
                    snapshot(
                            clusterIp("web", vip, backend),
                            DatagramServices.port("dns", List.of(vip), List.of(datagrams.at())));
            DataPlane serving = DataPlane.start(1);
            Succession last = null;
            try {
                assertThat(serving.apply(served)).isEmpty();
                int after10 = 0;
                for (int i = 0; i < HANDOVERS; i++) {
                    send(client, vip, new byte[] {'x'});
                    assertThat(receive(client, vip)).containsExactly('a', ':', 'x');
                    Succession next =
                            Succession.of(
                                    serving, PlaneOptions.loopback(1), served, folder, () -> {});
                    serving.close();
                    if (last != null) {
                        last.close();
                    }
                    last = next;
                    serving = next.plane();
                    try (Socket socket = Loopback.connect(vip)) {
                        socket.getOutputStream().write('y');
                        assertThat(socket.getInputStream().read()).isEqualTo('y');
                    }
                    after10 = i == 9 ? open() : after10;
                }
                assertThat(open()).isBetween(after10 - 8, after10 + 8);
                assertThat(serving.counts().liveDatagramFlows()).isEqualTo(1);
            } finally {
                serving.close();
                if (last != null) {
                    last.close();
                }
            }
        }
    }

    private static int open() {
        return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
    }
}
