package io.fairlead.k8s.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;

/// Asks a running agent by the admin socket in its run directory.
public final class AdminClient {

    /// An agent that does not answer at all is worth saying.
    private static final long PATIENCE_SECONDS = 30;

    private final Path socket;

    public AdminClient(Path runDir) {
        this.socket = runDir.resolve(AdminServer.SOCKET_NAME);
    }

    /// The socket it asks by.
    public Path socket() {
        return socket;
    }

    /// How it stands with the agent.
    ///
    /// @throws AnswerException when the agent answers that it cannot say; the message is for people
    /// @throws IOException when nobody answers
    public StatusReport status() throws IOException, AnswerException {
        return get("/v1/status", Map.of(), StatusReport.class);
    }

    /// All service ports, page by page.
    ///
    /// @param namespace of those wanted; empty for all
    public ServicesReport services(String namespace) throws IOException, AnswerException {
        List<ServicesReport.Port> all = new ArrayList<>();
        String after = "";
        while (true) {
            ServicesReport page =
                    get(
                            "/v1/services",
                            Map.of(
                                    "namespace",
                                    namespace,
                                    "after",
                                    after,
                                    "limit",
                                    Integer.toString(AdminPages.MAX_PER_PAGE)),
                            ServicesReport.class);
            all.addAll(page.ports());
            if (page.next() == null) {
                return new ServicesReport(page.total(), all, null);
            }
            after = page.next();
        }
    }

    /// Live flows.
    ///
    /// @param service `NAMESPACE/NAME` or a name; empty for all
    public FlowsReport flows(String service, int limit) throws IOException, AnswerException {
        return get(
                "/v1/flows",
                Map.of("service", service, "limit", Integer.toString(limit)),
                FlowsReport.class);
    }

    /// What becomes of a client at a VIP.
    public WhyReport why(String client, String vip, String protocol)
            throws IOException, AnswerException {
        return get(
                "/v1/why",
                Map.of("client", client, "vip", vip, "protocol", protocol),
                WhyReport.class);
    }

    private <T> T get(String path, Map<String, String> query, Class<T> type)
            throws IOException, AnswerException {
        StringBuilder target = new StringBuilder(path);
        char separator = '?';
        for (Map.Entry<String, String> parameter : query.entrySet()) {
            target.append(separator)
                    .append(parameter.getKey())
                    .append('=')
                    .append(URLEncoder.encode(parameter.getValue(), UTF_8));
            separator = '&';
        }
        String answer = ask(target.toString());
        int end = answer.indexOf("\r\n\r\n");
        if (end < 0 || !answer.startsWith("HTTP/1.1 ")) {
            throw new IOException("no answer came");
        }
        String body = answer.substring(end + 4);
        try {
            if (!answer.startsWith("HTTP/1.1 200 ")) {
                throw new AnswerException(AdminJson.read(body, AdminReply.Failure.class).error());
            }
            return AdminJson.read(body, type);
        } catch (JacksonException e) {
            throw new IOException("the answer is not understood: " + e.getOriginalMessage(), e);
        }
    }

    /// The agent has an answer, and it is no.
    public static final class AnswerException extends Exception {

        private static final long serialVersionUID = 1;

        AnswerException(String message) {
            super(message);
        }
    }

    private String ask(String target) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            Thread patience = Thread.ofVirtual().start(() -> cut(channel));
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                channel.write(
                        ByteBuffer.wrap(
                                ("GET " + target + " HTTP/1.1\r\nHost: fairlead\r\n\r\n")
                                        .getBytes(US_ASCII)));
                InputStream in = Channels.newInputStream(channel);
                return new String(in.readAllBytes(), UTF_8);
            } finally {
                patience.interrupt();
            }
        }
    }

    private static void cut(SocketChannel channel) {
        try {
            TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
            channel.close();
        } catch (InterruptedException | IOException _) {
            // It was answered.
        }
    }
}
