package io.fairlead.k8s.status;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Answers that are sent while they are made.
class HttpStreamTest {

    private static final int BLOCKS = 1_000;
    private static final byte[] BLOCK = "0123456789".repeat(1_000).getBytes(UTF_8);

    private final HttpPort port =
            new HttpPort(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    HttpStreamTest::answer,
                    InheritedPorts.none());
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void open() throws IOException {
        port.open();
    }

    @AfterEach
    void close() {
        client.close();
        port.close();
    }

    private static HttpAnswer answer(String path) {
        return new HttpAnswer.Stream(
                "text/plain",
                out -> {
                    for (int i = 0; i < BLOCKS; i++) {
                        if (i == BLOCKS / 2 && path.equals("/broken")) {
                            throw new IllegalStateException("on purpose");
                        }
                        out.write(BLOCK);
                    }
                });
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + port.address().getPort() + path));
    }

    @Test
    void aLongAnswerArrivesWhole() throws Exception {
        HttpResponse<byte[]> answer =
                client.send(request("/whole").build(), BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/plain");
        assertThat(answer.body()).hasSize(BLOCKS * BLOCK.length);
    }

    @Test
    void oneThatFailsInTheMiddleIsNotTakenForWhole() throws Exception {
        assertThatThrownBy(
                        () -> client.send(request("/broken").build(), BodyHandlers.ofByteArray()))
                .isInstanceOf(IOException.class);
        assertThat(client.send(request("/whole").build(), BodyHandlers.ofByteArray()).body())
                .hasSize(BLOCKS * BLOCK.length);
    }

    @Test
    void whoAsksForTheHeadGetsNoMore() throws Exception {
        HttpResponse<byte[]> answer =
                client.send(request("/whole").HEAD().build(), BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    /// Of one without chunks the end of the connection is the end.
    @Test
    void whoKnowsNoChunksGetsTheSame() throws Exception {
        assertThat(old("/whole")).hasSize(BLOCKS * BLOCK.length);
        assertThatThrownBy(() -> old("/broken")).isInstanceOf(IOException.class);
    }

    private byte[] old(String path) throws IOException {
        try (Socket client = new Socket(port.address().getAddress(), port.address().getPort())) {
            client.getOutputStream().write(("GET " + path + " HTTP/1.0\r\n\r\n").getBytes(UTF_8));
            byte[] all = client.getInputStream().readAllBytes();
            String text = new String(all, UTF_8);
            return text.substring(text.indexOf("\r\n\r\n") + 4).getBytes(UTF_8);
        }
    }
}
