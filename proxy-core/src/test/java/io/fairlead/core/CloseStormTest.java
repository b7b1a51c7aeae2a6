package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.testing.Kernel;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import io.netty.channel.epoll.LinuxSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Ends that come in one segment with data, and very many ends at once: nothing is left of flows.
class CloseStormTest {

    /// `-Dfairlead.connections=10000` for more, as far as descriptors go: five for each.
    private static final int CONNECTIONS = Integer.getInteger("fairlead.connections", 2_000);

    // netinet/tcp.h
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_CORK = 3;

    private static final byte[] WORD = "word".getBytes(UTF_8);

    @RegisterExtension private final RunningPlane running = new RunningPlane();

    /// A corked socket keeps its last bytes for the segment of its FIN.
    @Test
    void theEndInOneSegmentWithDataTravels() throws IOException {
        try (TestServer backend = TestServer.echo();
                Arena arena = Arena.ofConfined()) {
            AddressPort vip = running.serve(backend);
            MemorySegment word = arena.allocate(WORD.length).copyFrom(MemorySegment.ofArray(WORD));
            MemorySegment answer = arena.allocate(100);
            for (int i = 0; i < 200; i++) {
                LinuxSocket client = LinuxSocket.newSocketStream(false);
                try {
                    client.setIntOpt(IPPROTO_TCP, TCP_CORK, 1);
                    boolean _ =
                            client.connect(
                                    new InetSocketAddress(
                                            vip.address().toInetAddress(), vip.port()));
                    eventually("sent", () -> sends(client, word));
                    client.shutdown(false, true);
                    int[] heard = {0};
                    eventually("the end", () -> hearsEnd(client, answer, heard));
                    assertThat(heard[0]).isEqualTo(WORD.length);
                    assertThat(answer.asSlice(0, WORD.length).mismatch(word)).isEqualTo(-1);
                } finally {
                    client.close();
                }
            }
        }
    }

    private static boolean sends(LinuxSocket socket, MemorySegment word) {
        try {
            return socket.sendAddress(word.address(), 0, WORD.length) == WORD.length;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Reads what there is; whether that was the end.
    private static boolean hearsEnd(LinuxSocket socket, MemorySegment answer, int[] heard) {
        try {
            int count = socket.recvAddress(answer.address(), heard[0], 100);
            heard[0] += Math.max(0, count);
            return count < 0;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Each client ends in another way, all at the same moment; half of the backends' connections
    /// end by themselves just then.
    @Test
    void manyEndsAtOnceLeaveNothing() throws Exception {
        AtomicReference<CountDownLatch> now = new AtomicReference<>(new CountDownLatch(1));
        try (TestServer backend =
                TestServer.start(connection -> {
                    CountDownLatch end = requireNonNull(now.get());
                    int way = connection.getInputStream().read();
                    connection.getOutputStream().write(WORD);
                    await(end);
                    if (way % 4 == 0) {
                        Loopback.reset(connection);
                    } else if (way % 4 == 1) {
                        connection.getInputStream().readAllBytes();
                    }
                })) {
            AddressPort vip = running.serve(backend);
            storm(vip, 10, requireNonNull(now.get()));
            eventually("no connection at the backend", () -> backend.open() == 0);
            int before = Kernel.openDescriptors();
            now.set(new CountDownLatch(1));
            storm(vip, CONNECTIONS, requireNonNull(now.get()));
            eventually("no connection at the backend", () -> backend.open() == 0);
            running.awaitIdle();
            eventually("no descriptor more", () -> Kernel.openDescriptors() <= before);
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void storm(AddressPort vip, int count, CountDownLatch now) throws Exception {
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Socket client = Loopback.connect(vip);
            client.getOutputStream().write(i);
            clients.add(client);
        }
        for (Socket client : clients) {
            assertThat(client.getInputStream().readNBytes(WORD.length)).isEqualTo(WORD);
        }
        List<Thread> closers = new ArrayList<>();
        for (int closer = 0; closer < 4; closer++) {
            int first = closer;
            closers.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int i = first; i < count; i += 4) {
                                    end(clients.get(i), i / 4);
                                }
                            }));
        }
        now.countDown();
        for (Thread closer : closers) {
            closer.join();
        }
    }

    private static void end(Socket client, int way) {
        try {
            switch (way % 4) {
                case 0 -> client.close();
                case 1 -> Loopback.reset(client);
                case 2 -> {
                    client.shutdownOutput();
                    Loopback.reset(client);
                }
                default -> {
                    client.getOutputStream().write(WORD);
                    client.close();
                }
            }
        } catch (IOException _) {
            // The backend's reset came first.
        }
        try {
            client.close();
        } catch (IOException _) {
            // Closed already.
        }
    }
}
