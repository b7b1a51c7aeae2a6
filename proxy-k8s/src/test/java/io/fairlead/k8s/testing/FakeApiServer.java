package io.fairlead.k8s.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// An API server that does what a test tells it: lists, watches, and every way to fail at them.
///
/// Real HTTP on 127.0.0.1 with one JSON line for each event. Objects are JSON texts by name; each
/// change gets the next resource version. A watch gets what changed after the version it asks for.
public final class FakeApiServer implements AutoCloseable {

    /// Something that a client wrote.
    ///
    /// @param path as asked for
    /// @param body JSON
    public record Write(String verb, String path, String body) {}

    /// An answer instead of the usual one.
    ///
    /// @param retryAfterSeconds 0 for no such header
    public record Refusal(int status, int retryAfterSeconds) {}

    private static final String STOP = "";
    private static final int GONE = 410;
    private static final int OK = 200;
    private static final int CREATED = 201;

    private record Stream(String resource, BlockingQueue<String> lines) {}

    private final int port;
    private final List<ApiRequest> requests = new CopyOnWriteArrayList<>();
    private final List<Write> writes = new CopyOnWriteArrayList<>();
    private final List<Stream> streams = new CopyOnWriteArrayList<>();
    private final Map<String, CountDownLatch> slow = new ConcurrentHashMap<>();
    private final AtomicInteger refused = new AtomicInteger();
    private final FakeGate gate = new FakeGate();

    // Guarded by this.
    private final FakeObjects objects = new FakeObjects();
    private @Nullable HttpServer server;
    private @Nullable ExecutorService threads;
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile boolean hanging;

    private final @Nullable SSLContext tls;
    private final ThreadFactory threadFactory;
    private final Set<String> denied = ConcurrentHashMap.newKeySet();

    static {
        // As a real one does: else the parts of an answer wait 40 ms for an acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /// Listens at a free port.
    public FakeApiServer() throws IOException {
        this(null, Thread.ofVirtual().factory());
    }

    /// The same with TLS, which asks clients for a certificate.
    public FakeApiServer(@Nullable SSLContext tls) throws IOException {
        this(tls, Thread.ofVirtual().factory());
    }

    /// One on a host of a lab: made, and made to come back, by a thread that is there. Its threads
    /// are of this kind, which must not be virtual.
    public FakeApiServer(ThreadFactory threads) throws IOException {
        this(null, threads);
    }

    private FakeApiServer(@Nullable SSLContext tls, ThreadFactory threads) throws IOException {
        this.tls = tls;
        this.threadFactory = threads;
        this.port = listen(0);
    }

    private synchronized int listen(int at) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), at);
        HttpServer next =
                tls == null ? HttpServer.create(address, 64) : FakeTls.server(address, tls);
        ExecutorService executor = Executors.newThreadPerTaskExecutor(threadFactory);
        next.setExecutor(executor);
        next.createContext("/", this::handle);
        next.start();
        server = next;
        threads = executor;
        return next.getAddress().getPort();
    }

    /// Answers a resource with 403, until told otherwise.
    public void forbid(String resource, boolean on) {
        gate.forbid(resource, on);
    }

    /// From now on asks for a client certificate of this common name.
    public void requireClient(String commonName) {
        gate.requireClient(commonName);
    }

    public URI uri() {
        return URI.create((tls == null ? "http" : "https") + "://127.0.0.1:" + port);
    }

    /// Every request so far.
    public List<ApiRequest> requests() {
        return List.copyOf(requests);
    }

    public long count(String verb, String resource) {
        return requests.stream()
                .filter(r -> r.verb().equals(verb) && r.resource().equals(resource))
                .count();
    }

    /// What was created and patched, in order.
    public List<Write> writes() {
        return List.copyOf(writes);
    }

    /// Requests that were refused by script or for their token.
    public int refused() {
        return refused.get();
    }

    /// Number of open watches of a resource.
    public long watches(String resource) {
        return streams.stream().filter(s -> s.resource().equals(resource)).count();
    }

    // What is in the cluster.

    /// Creates or changes an object; `json` is without its braces, metadata and kind aside.
    public synchronized void put(String resource, String name, String json) {
        send(resource, objects.put(resource, name, json));
    }

    public synchronized void delete(String resource, String name) {
        String line = objects.delete(resource, name);
        if (line != null) {
            send(resource, line);
        }
    }

    // What goes wrong.

    /// Writes this to every open watch of a resource, as it is.
    public void send(String resource, String text) {
        streams.stream()
                .filter(s -> s.resource().equals(resource))
                .forEach(s -> s.lines().add(text));
    }

    /// An event that no change in the cluster stands behind: a duplicate, or out of order.
    public synchronized void sendEvent(String resource, String type, String name, String json) {
        send(
                resource,
                ApiJson.event(type, ApiJson.object(resource, name, json, objects.version())));
    }

    /// A bookmark with the current version.
    public synchronized void bookmark(String resource) {
        send(resource, ApiJson.bookmark(resource, objects.version()));
    }

    /// The ERROR event of a watch whose version has been compacted away.
    public void sendGone(String resource) {
        send(resource, ApiJson.event("ERROR", ApiJson.status(GONE)));
    }

    /// Something that is no event.
    public void sendNonsense(String resource, String line) {
        send(resource, line + "\n");
    }

    /// An event with an object as old as that.
    public void sendStale(String resource, String name, String json, long oldVersion) {
        send(resource, ApiJson.event("MODIFIED", ApiJson.object(resource, name, json, oldVersion)));
    }

    /// Lists of a resource are empty from now on, or tell the truth again.
    public void deny(String resource, boolean on) {
        if (on) {
            denied.add(resource);
        } else {
            denied.remove(resource);
        }
    }

    public void sendError(String resource, int code) {
        send(resource, ApiJson.event("ERROR", ApiJson.status(code)));
    }

    /// Ends the open watches of a resource.
    public void endWatches(String resource) {
        send(resource, STOP);
    }

    /// Forgets history: watches that ask for an older version get 410.
    public synchronized void compact() {
        objects.compact();
    }

    /// Changes something that open watches do not learn of.
    public synchronized void silently(Runnable change) {
        List<Stream> open = List.copyOf(streams);
        streams.clear();
        change.run();
        streams.addAll(open);
    }

    /// The next requests for a resource are answered with these; for `verb` `list` or `watch`.
    public void refuse(String verb, String resource, Refusal... answers) {
        gate.refuse(verb, resource, List.of(answers));
    }

    /// Answers a resource's lists only once the result is counted down.
    public CountDownLatch hold(String resource) {
        CountDownLatch latch = new CountDownLatch(1);
        slow.put(resource, latch);
        return latch;
    }

    /// From now on accepts requests and says nothing, and open watches are silent: as if the other
    /// end of each connection were gone without a word.
    public void hang() {
        hanging = true;
        streams.clear();
    }

    /// Answers new requests; those that hang, hang on.
    public void answerAgain() {
        hanging = false;
    }

    /// From now on asks for this bearer token.
    public void requireToken(String value) {
        gate.requireToken(value);
    }

    /// Connections are refused from now on, and open ones cut.
    public synchronized void goAway() {
        HttpServer last = server;
        ExecutorService executor = threads;
        if (last == null || executor == null) {
            return;
        }
        streams.forEach(s -> s.lines().add(STOP));
        last.stop(0);
        executor.shutdownNow();
        server = null;
        streams.clear();
    }

    /// Serves again, at the same port and with what is in the cluster now.
    public void comeBack() throws IOException {
        listen(port);
    }

    @Override
    public void close() {
        end.countDown();
        slow.values().forEach(CountDownLatch::countDown);
        goAway();
    }

    // Answers.

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            ApiRequest request =
                    ApiRequest.of(exchange.getRequestMethod(), exchange.getRequestURI());
            requests.add(request);
            if (hanging) {
                end.await();
                return;
            }
            Refusal refusal = gate.refusal(exchange, request);
            if (refusal != null) {
                refuse(exchange, refusal);
            } else if (request.verb().equals("create") || request.verb().equals("patch")) {
                write(exchange, request);
            } else if (request.verb().equals("watch")) {
                watch(exchange, request);
            } else {
                list(exchange, request);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void refuse(HttpExchange exchange, Refusal refusal) throws IOException {
        refused.incrementAndGet();
        if (refusal.retryAfterSeconds() > 0) {
            exchange.getResponseHeaders().set("Retry-After", "" + refusal.retryAfterSeconds());
        }
        answer(exchange, refusal.status(), ApiJson.status(refusal.status()));
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /// Answers with what it got: what is created is not kept.
    private void write(HttpExchange exchange, ApiRequest request) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        writes.add(new Write(request.verb(), exchange.getRequestURI().getPath(), body));
        if (request.verb().equals("create")) {
            answer(exchange, CREATED, body);
        } else {
            answer(
                    exchange,
                    OK,
                    "{\"kind\":\"Event\",\"apiVersion\":\"events.k8s.io/v1\",\"metadata\":{\"name\":\"e\"}}");
        }
    }

    private void list(HttpExchange exchange, ApiRequest request)
            throws IOException, InterruptedException {
        CountDownLatch latch = slow.get(request.resource());
        if (latch != null) {
            latch.await();
        }
        String body;
        synchronized (this) {
            body = objects.list(request.resource(), denied.contains(request.resource()));
        }
        answer(exchange, OK, body);
    }

    private void watch(HttpExchange exchange, ApiRequest request)
            throws IOException, InterruptedException {
        Stream stream = new Stream(request.resource(), new LinkedBlockingQueue<>());
        synchronized (this) {
            long from = Long.parseLong(request.query().getOrDefault("resourceVersion", "0"));
            List<String> missed = objects.since(from, request.resource());
            if (missed == null) {
                refuse(exchange, new Refusal(GONE, 0));
                return;
            }
            stream.lines().addAll(missed);
            streams.add(stream);
        }
        try {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(OK, 0);
            OutputStream out = exchange.getResponseBody();
            out.flush();
            while (true) {
                String line = stream.lines().poll(1, TimeUnit.HOURS);
                if (line == null || line.equals(STOP)) {
                    return;
                }
                out.write(line.getBytes(UTF_8));
                out.flush();
            }
        } finally {
            streams.remove(stream);
        }
    }
}
