package io.fairlead.k8s.status;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One listening port of ours and what it answers, by path; opened when it can be.
///
/// Opened and closed by one thread. What it answers is computed by a virtual thread for each
/// request; connections are bounded, so those are.
final class HttpPort implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpPort.class);

    private static final Executor THREADS =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("fairlead-http-", 0).factory());

    private static final int BACKLOG = 128;
    private static final int NO_BODY = -1;

    static {
        // The server reads these once, when the first one is made. Whoever set one knows better.
        limit("sun.net.httpserver.nodelay", "true"); // else 40 ms for each answer on a kept one
        limit("sun.net.httpserver.maxReqTime", "10"); // seconds for a request to arrive
        limit("sun.net.httpserver.maxRspTime", "30"); // seconds for an answer to be read
        limit("sun.net.httpserver.idleInterval", "60"); // a load balancer asks every few seconds
        limit("sun.net.httpserver.maxReqHeaders", "64");
        limit("sun.net.httpserver.maxReqHeaderSize", "16384");
        limit("jdk.httpserver.maxConnections", "256"); // of each port
    }

    private final InetSocketAddress at;
    private final Function<String, HttpReply> answers;
    private final InheritedPorts inherited;
    private @Nullable HttpServer server;
    private boolean adopted;

    /// @param inherited where another agent's socket may be for it
    HttpPort(InetSocketAddress at, Function<String, HttpReply> answers, InheritedPorts inherited) {
        this.at = at;
        this.answers = answers;
        this.inherited = inherited;
    }

    private static void limit(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /// Listens, unless it does already.
    ///
    /// @throws IOException that says why it cannot
    void open() throws IOException {
        if (server == null) {
            HttpServer next = create(inherited.take(at));
            next.setExecutor(THREADS);
            next.createContext("/", this::handle);
            next.start();
            server = next;
        }
    }

    private HttpServer create(OptionalInt socket) throws IOException {
        adopted = socket.isPresent();
        if (!adopted) {
            return HttpServer.create(at, BACKLOG);
        }
        HttpServer next = HttpServer.create(SocketSwap.anywhere(), BACKLOG);
        SocketSwap.replace(next.getAddress(), socket.getAsInt());
        return next;
    }

    boolean isOpen() {
        return server != null;
    }

    /// Where it listens; as asked for where it does not.
    InetSocketAddress address() {
        return server == null || adopted ? at : server.getAddress();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            HttpReply reply = answers.apply(exchange.getRequestURI().getPath());
            byte[] body = reply.bytes();
            var headers = exchange.getResponseHeaders();
            headers.set("Content-Type", reply.contentType());
            headers.set("X-Content-Type-Options", "nosniff");
            reply.headers().forEach(headers::set);
            if (exchange.getRequestMethod().equals("HEAD")) {
                headers.set("Content-Length", Integer.toString(body.length));
                exchange.sendResponseHeaders(reply.code(), NO_BODY);
            } else {
                exchange.sendResponseHeaders(reply.code(), body.length);
                exchange.getResponseBody().write(body);
            }
        } catch (RuntimeException e) {
            // The connection is closed without an answer; the next one gets its chance.
            LOG.warn("no answer on {}", at, e);
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.stop(0);
            server = null;
        }
    }
}
