package io.fairlead.core.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.Frontend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortHolderTest {

    private static final long ME = ProcessHandle.current().pid();

    /// A listener on every address keeps us from each one.
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1, true",
        "127.0.0.1, 127.0.0.2, false",
        "::1, ::1, true",
        "0.0.0.0, 127.9.9.9, true",
        "::, ::1, true",
        "::, 127.9.9.9, true",
    })
    void findsThisProcess(String listening, String asked, boolean found) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral(listening))) {
            AddressPort at = new AddressPort(IpAddress.parse(asked), socket.getLocalPort());
            assertThat(
                            PortHolder.find(new Frontend(Protocol.TCP, at))
                                    .map(PortHolder::pid)
                                    .orElse(-1L))
                    .isEqualTo(found ? ME : -1L);
        }
    }

    @Test
    void aConnectionIsNoListener() throws IOException {
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        try (Socket client = new Socket()) {
            AddressPort at;
            Socket accepted;
            try (ServerSocket listener = new ServerSocket(0, 1, loopback)) {
                at = new AddressPort(IpAddress.parse("127.0.0.1"), listener.getLocalPort());
                client.connect(new InetSocketAddress(loopback, at.port()));
                accepted = listener.accept();
            }
            try (accepted) {
                assertThat(accepted.isConnected()).isTrue();
                assertThat(PortHolder.find(new Frontend(Protocol.TCP, at))).isEmpty();
            }
        }
    }

    @Test
    void aLongCommandIsShortenedAndAnAgentIsCalledSo() {
        assertThat(new PortHolder(7, "nginx: master process"))
                .hasToString("pid 7 (nginx: master process)");
        assertThat(new PortHolder(7, "x".repeat(500)).toString()).hasSizeLessThan(200);
        assertThat(new PortHolder(7, "java -cp x io.fairlead.k8s.cli.Main agent"))
                .hasToString("another fairlead agent, pid 7");
        assertThat(new PortHolder(7, "tail -f io.fairlead.k8s.cli.Main.log").isAgent()).isFalse();
    }
}
