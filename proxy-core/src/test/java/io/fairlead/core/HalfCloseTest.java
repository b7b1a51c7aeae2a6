package io.fairlead.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.testing.ByteStream;
import io.fairlead.core.testing.ByteStream.Passed;
import io.fairlead.core.testing.Eventually;
import io.fairlead.core.testing.FullBacklog;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The end of one direction travels on by itself; the other lives until its own end.
@Tag("transport")
@Tag("relay")
class HalfCloseTest {

    private static final byte[] PING = "ping".getBytes(UTF_8);
    private static final byte[] PONG = "pong".getBytes(UTF_8);

    @RegisterExtension private final RunningPlane running = new RunningPlane();

    @Test
    void aBackendAnswersAGibibyteAfterTheClientsEnd() throws IOException {
        long bytes = 1L << 30;
        CompletableFuture<Passed> sent = new CompletableFuture<>();
        try (TestServer backend =
                        TestServer.start(connection -> {
                            byte[] request = connection.getInputStream().readAllBytes();
                            assertThat(request).isEqualTo(PING);
                            sent.complete(
                                    ByteStream.quick(1).send(connection.getOutputStream(), bytes));
                        });
                Socket client = Loopback.connect(running.serve(backend))) {
            client.getOutputStream().write(PING);
            client.shutdownOutput();
            Passed received = ByteStream.quick(2).receive(client.getInputStream());
            assertThat(received.bytes()).isEqualTo(bytes);
            assertThat(sent.join()).isEqualTo(received);
        }
    }

    @Test
    void aClientSendsAfterTheBackendsEnd() throws IOException {
        long bytes = 200_000_000;
        CompletableFuture<Passed> received = new CompletableFuture<>();
        try (TestServer backend =
                        TestServer.start(connection -> {
                            connection.getOutputStream().write(PONG);
                            connection.shutdownOutput();
                            received.complete(
                                    ByteStream.quick(2).receive(connection.getInputStream()));
                        });
                Socket client = Loopback.connect(running.serve(backend))) {
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(PONG);
            Passed sent = ByteStream.quick(1).send(client.getOutputStream(), bytes);
            client.shutdownOutput();
            assertThat(received.join()).isEqualTo(sent);
        }
    }

    @Test
    void theEndTravelsWhileDataFlowsTheOtherWay() throws IOException {
        CompletableFuture<String> clientEnded = new CompletableFuture<>();
        CompletableFuture<Passed> sent = new CompletableFuture<>();
        try (TestServer backend =
                        TestServer.start(connection -> {
                            connection.getOutputStream().write(new byte[300_000]);
                            // The client's end arrives although ours is far off.
                            assertThat(connection.getInputStream().readAllBytes()).isEqualTo(PING);
                            clientEnded.complete("yes");
                            sent.complete(
                                    ByteStream.quick(1)
                                            .send(connection.getOutputStream(), 5_000_000));
                        });
                Socket client = Loopback.connect(running.serve(backend))) {
            client.getOutputStream().write(PING);
            client.shutdownOutput();
            assertThat(clientEnded.join()).isEqualTo("yes");
            assertThat(client.getInputStream().readNBytes(300_000)).hasSize(300_000);
            assertThat(ByteStream.quick(2).receive(client.getInputStream())).isEqualTo(sent.join());
        }
    }

    @Test
    void dataAndEndInOneGoArrive() throws IOException {
        try (TestServer backend = TestServer.echo()) {
            AddressPort vip = running.serve(backend);
            for (int i = 0; i < 300; i++) {
                try (Socket client = Loopback.connect(vip)) {
                    client.getOutputStream().write(PING);
                    client.shutdownOutput();
                    assertThat(client.getInputStream().readAllBytes()).isEqualTo(PING);
                }
            }
        }
    }

    @Test
    void anEndBeforeTheUpstreamIsConnectedArrives() throws IOException {
        try (FullBacklog backend = new FullBacklog();
                Socket client = Loopback.connect(running.serveAddress(backend.at()))) {
            client.getOutputStream().write(PING);
            client.shutdownOutput();
            Eventually.eventually("a flow", () -> running.plane().liveFlows() == 1);
            try (Socket connection = backend.open()) {
                assertThat(connection.getInputStream().readAllBytes()).isEqualTo(PING);
                connection.getOutputStream().write(PONG);
            }
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(PONG);
        }
    }

    @Test
    void aClientThatClosesAtOnceIsAnEmptyStream() throws IOException {
        CompletableFuture<byte[]> received = new CompletableFuture<>();
        try (TestServer backend =
                TestServer.start(connection ->
                        received.complete(connection.getInputStream().readAllBytes()))) {
            Loopback.connect(running.serve(backend)).close();
            assertThat(received.join()).isEmpty();
        }
    }

    @Test
    void anEmptyStreamEachWayEndsTheFlow() throws IOException {
        try (TestServer backend = TestServer.named("");
                Socket client = Loopback.connect(running.serve(backend))) {
            client.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).isEmpty();
            running.awaitIdle();
        }
    }
}
