package io.fairlead.k8s.status;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A port of ours, and clients that are not as they should be.
@Timeout(120)
class HttpPortTest {

    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress ELSEWHERE = InetAddress.ofLiteral("127.0.0.2");
    private static final String GET = "GET /healthz?verbose HTTP/1.1\r\nHost: node\r\n\r\n";

    private final AtomicLong now = new AtomicLong(System.nanoTime());
    private final List<Socket> sockets = new ArrayList<>();
    private final HttpPort port =
            new HttpPort(
                    new InetSocketAddress(HERE, 0),
                    HttpPortTest::answer,
                    InheritedPorts.none(),
                    now::get);

    private static HttpReply answer(String path) {
        return path.equals("/defect")
                ? HttpReply.text(List.<String>of().getFirst())
                : new HttpReply(503, "text/plain", path, Map.of("X-Weight", "2"));
    }

    @BeforeEach
    void open() throws IOException {
        port.open();
    }

    @AfterEach
    void close() throws IOException {
        port.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private Socket client(InetAddress from) throws IOException {
        Socket socket = new Socket(HERE, port.address().getPort(), from, 0);
        sockets.add(socket);
        return socket;
    }

    private static Socket say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
        return socket;
    }

    /// All there is until the server ends the connection.
    private static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }

    private static String answerOn(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith("\r\n\r\n/healthz")) {
            int next = in.read();
            assertThat(next).describedAs("after %s", text).isNotNegative();
            text.append((char) next);
        }
        return text.toString();
    }

    @Test
    void theAnswerAsItIsOnTheWire() throws IOException {
        assertThat(answerOn(say(client(HERE), GET)))
                .matches(
                        """
                        HTTP/1.1 503 Service Unavailable\r
                        Content-Type: text/plain\r
                        X-Content-Type-Options: nosniff\r
                        X-Weight: 2\r
                        Date: \\w{3}, \\d+ \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT\r
                        Content-Length: 8\r
                        \r
                        /healthz\
                        """);
    }

    @Test
    void oneConnectionCarriesManyRequestsAlsoAtOnce() throws IOException {
        Socket client = say(client(HERE), GET + GET);
        String first = answerOn(client);
        assertThat(answerOn(client)).hasSameSizeAs(first);
        for (int i = 0; i < GET.length(); i++) {
            say(client, GET.substring(i, i + 1));
        }
        assertThat(answerOn(client)).hasSameSizeAs(first);
    }

    @Test
    void aClientThatSaysSoOrSendsABodyIsAnsweredOnce() throws IOException {
        for (String request :
                List.of(
                        "GET /healthz HTTP/1.0\r\n\r\n",
                        "GET /healthz HTTP/1.1\r\nconnection: Close\r\n\r\n",
                        "POST /healthz HTTP/1.1\r\nContent-Length: 9\r\n\r\nGET /x HT",
                        "PUT /healthz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")) {
            Socket client = say(client(HERE), request);
            client.shutdownOutput();
            assertThat(rest(client))
                    .describedAs(request)
                    .startsWith("HTTP/1.1 503 ")
                    .contains("\r\nConnection: close\r\n")
                    .endsWith("\r\n\r\n/healthz");
        }
    }

    @Test
    void headIsAnsweredWithoutABody() throws IOException {
        Socket client = say(client(HERE), "HEAD /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
        client.shutdownOutput();
        assertThat(rest(client)).contains("Content-Length: 8\r\n").endsWith("\r\n\r\n");
    }

    @Test
    void nonsenseIsABadRequest() throws IOException {
        for (String request :
                List.of(
                        "\r\n\r\n",
                        "GET /\r\n\r\n",
                        "GET / HTTP/2.0\r\n\r\n",
                        "GET /%zz HTTP/1.1\r\n\r\n",
                        "GET / HTTP/1.1\r\nno header\r\n\r\n",
                        "\u0016\u0003\u0001 hello\n\n")) {
            Socket client = say(client(HERE), request);
            client.shutdownOutput();
            assertThat(rest(client)).describedAs(request).startsWith("HTTP/1.1 400 Bad Request");
        }
        answerOn(say(client(HERE), GET));
    }

    @Test
    void aLongHeadIsRefusedBeforeItsEnd() throws IOException {
        Socket client = say(client(HERE), "GET / HTTP/1.1\r\n");
        say(client, "x".repeat(HttpConnection.MAX_HEAD_BYTES));
        client.shutdownOutput();
        assertThat(rest(client)).startsWith("HTTP/1.1 431 ");
    }

    @Test
    void aDefectInAnAnswerCostsThatOneAlone() throws IOException {
        assertThat(rest(say(client(HERE), "GET /defect HTTP/1.1\r\n\r\n"))).isEmpty();
        answerOn(say(client(HERE), GET));
    }

    /// Else whoever reaches a node takes it from its load balancers, and has the agent restarted by
    /// its liveness probe.
    @Test
    void aClientThatHoldsAllConnectionsKeepsNobodyElseOut() throws IOException {
        Socket before = client(HERE);
        answerOn(say(before, GET));
        for (int i = 0; i < 2 * HttpConnections.MAX; i++) {
            say(client(ELSEWHERE), i % 2 == 0 ? "" : "GET /heal");
        }
        answerOn(say(client(HERE), GET));
        answerOn(say(before, GET));
        answerOn(say(client(ELSEWHERE), GET));
    }

    @Test
    void whoIsSlowIsLetGo() throws IOException {
        Socket idle = client(HERE);
        answerOn(say(idle, GET));
        now.addAndGet(TimeUnit.SECONDS.toNanos(11));
        answerOn(say(idle, GET));
        for (Socket slow : List.of(client(HERE), say(client(HERE), "GET /heal"), idle)) {
            endsAsTimePasses(slow);
        }
    }

    private void endsAsTimePasses(Socket socket) throws IOException {
        socket.setSoTimeout(100);
        for (boolean open = true; open; ) {
            now.addAndGet(TimeUnit.SECONDS.toNanos(11));
            try {
                assertThat(socket.getInputStream().read()).isNegative();
                open = false;
            } catch (SocketTimeoutException _) {
                now.addAndGet(TimeUnit.SECONDS.toNanos(1));
            }
        }
    }

    @Test
    void closingEndsTheConnectionsAndFreesThePort() throws IOException {
        Socket client = client(HERE);
        answerOn(say(client, GET));
        InetSocketAddress at = port.address();
        port.close();
        assertThat(rest(client)).isEmpty();
        HttpPort next = new HttpPort(at, HttpPortTest::answer, InheritedPorts.none());
        next.open();
        next.close();
    }
}
