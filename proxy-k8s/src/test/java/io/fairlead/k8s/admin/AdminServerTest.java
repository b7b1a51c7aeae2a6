package io.fairlead.k8s.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.testing.Await;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the admin socket does with clients that are not as they should be.
class AdminServerTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    /// More than any socket's buffers take.
    private static final int LARGE = 8 << 20;

    @TempDir private Path folder;

    private AdminServer start(Duration patience) throws IOException {
        return AdminServer.listen(
                folder,
                request ->
                        request.path().equals("/large")
                                ? AdminReply.json("x".repeat(LARGE))
                                : AdminReply.json(Map.of("path", request.path())),
                patience);
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(folder.resolve(AdminServer.SOCKET_NAME)));
        return channel;
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static String rest(SocketChannel channel) throws IOException {
        return new String(Channels.newInputStream(channel).readAllBytes(), UTF_8);
    }

    private String ask(String request) throws IOException {
        try (SocketChannel channel = connect()) {
            send(channel, request);
            return rest(channel);
        }
    }

    @Test
    void theSocketIsForItsOwnerAlone() throws IOException {
        try (AdminServer _ = start(LONG)) {
            Path socket = folder.resolve(AdminServer.SOCKET_NAME);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
        }
        assertThat(folder.resolve(AdminServer.SOCKET_NAME)).doesNotExist();
    }

    /// Should its mode be changed, the kernel still tells who calls.
    @Test
    void otherUsersAreRefusedEvenWhereTheyCanConnect() throws Exception {
        try (AdminServer _ = start(LONG)) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            Path socket = folder.resolve(AdminServer.SOCKET_NAME);
            assertThat(askAsNobody(socket)).contains("curl: (7)");
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
            assertThat(askAsNobody(socket)).contains("for the agent's own user and root only");
        }
    }

    private static String askAsNobody(Path socket) throws IOException {
        Process curl =
                new ProcessBuilder(
                                "setpriv",
                                "--reuid=65534",
                                "--regid=65534",
                                "--clear-groups",
                                "curl",
                                "-sS",
                                "--max-time",
                                "60",
                                "--unix-socket",
                                socket.toString(),
                                "http://fairlead/v1")
                        .redirectErrorStream(true)
                        .start();
        return new String(curl.getInputStream().readAllBytes(), UTF_8);
    }

    @Test
    void whatIsLeftOfAnEarlierAgentIsNoObstacle() throws IOException {
        Files.createFile(folder.resolve(AdminServer.SOCKET_NAME));
        try (AdminServer _ = start(LONG)) {
            assertThat(ask("GET /v1 HTTP/1.1\r\n\r\n")).contains("200 OK", "/v1");
        }
    }

    @Test
    void onlyQuestionsAreAnswered() throws IOException {
        try (AdminServer _ = start(LONG)) {
            for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS")) {
                assertThat(ask(method + " /v1/status HTTP/1.1\r\n\r\n"))
                        .startsWith("HTTP/1.1 405 ")
                        .contains("Allow: GET");
            }
        }
    }

    @Test
    void aRequestHasABound() throws IOException {
        try (AdminServer _ = start(LONG)) {
            String half = "GET /" + "a".repeat(AdminRequest.MAX_BYTES - 5);
            assertThat(ask(half)).startsWith("HTTP/1.1 431 ");
        }
    }

    @Test
    void nonsenseIsAnsweredAsSuch() throws IOException {
        try (AdminServer _ = start(LONG)) {
            assertThat(ask("\u0000\u0001 hello\r\n\r\n")).startsWith("HTTP/1.1 400 ");
            assertThat(ask("GET /%zz HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        }
    }

    @Test
    void whoDoesNotReadIsCutOff() throws IOException {
        try (AdminServer _ = start(Duration.ofMillis(200));
                SocketChannel slow = connect()) {
            send(slow, "GET /large HTTP/1.1\r\n\r\n");
            // The server closes by itself: what the kernel still holds is less than the answer.
            Await.until("the other end is closed", () -> isCut(slow));
            assertThat(count(slow)).isLessThan(LARGE);
        }
    }

    /// Bytes that still come, up to an end of either kind.
    private static int count(SocketChannel channel) {
        ByteBuffer block = ByteBuffer.allocate(1 << 16);
        int count = 0;
        try {
            for (int n = channel.read(block); n > 0; n = channel.read(block)) {
                count += n;
                block.clear();
            }
        } catch (IOException _) {
            // Reset: not all was delivered.
        }
        return count;
    }

    /// Whether writing finds nobody.
    private static boolean isCut(SocketChannel channel) {
        try {
            send(channel, "x");
            return false;
        } catch (IOException _) {
            return true;
        }
    }

    @Test
    void clientsBeyondTheBoundAreToldToComeAgain() throws IOException {
        try (AdminServer _ = start(LONG)) {
            List<SocketChannel> waiting = new ArrayList<>();
            try {
                Await.until(
                        "there is no room",
                        () -> {
                            try {
                                SocketChannel channel = connect();
                                waiting.add(channel);
                                return waiting.size() > AdminServer.MAX_CLIENTS
                                        && ask("GET /v1 HTTP/1.1\r\n\r\n")
                                                .startsWith("HTTP/1.1 503 ");
                            } catch (IOException _) {
                                return false; // refused before it was asked
                            }
                        });
            } finally {
                for (SocketChannel channel : waiting) {
                    channel.close();
                }
            }
            Await.until(
                    "there is room again",
                    () -> {
                        try {
                            return ask("GET /v1 HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 200 ");
                        } catch (IOException _) {
                            return false;
                        }
                    });
        }
    }
}
