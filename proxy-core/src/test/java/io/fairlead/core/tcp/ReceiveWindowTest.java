package io.fairlead.core.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fairlead.core.kernel.SocketCalls;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.LinuxSocket;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReceiveWindowTest {

    private static final Path TCP_RMEM = Path.of("/proc/sys/net/ipv4/tcp_rmem");

    @Test
    void theSystemsMaximumIsReadAsItStands() throws IOException {
        try (BufferedReader file = Files.newBufferedReader(TCP_RMEM)) {
            assertThat(file.readLine()).endsWith("\t" + ReceiveWindow.systemMaximum());
        }
    }

    @Test
    void aSocketGetsABufferOfFixedSizeWhereTheSystemAllowsALargerOne() throws IOException {
        Epoll.ensureAvailability();
        assumeTrue(ReceiveWindow.systemMaximum() > ReceiveWindow.MAX_BYTES);
        LinuxSocket socket = LinuxSocket.newSocketStream(false);
        try {
            int before = socket.getReceiveBufferSize();
            ReceiveWindow window = ReceiveWindow.probe();
            assertThat(socket.getReceiveBufferSize()).isEqualTo(before);
            window.bound(new SocketCalls(), socket.intValue());
            assertThat(socket.getReceiveBufferSize()).isEqualTo(ReceiveWindow.MAX_BYTES);
        } finally {
            socket.close();
        }
    }
}
