package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.client.http.AsyncBody;
import java.net.HttpURLConnection;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// What is asked of the API server at the moment over one client's connections, and how long each
/// answer has been silent.
///
/// A connection whose other end is gone without a word says nothing for ever. A server sends each
/// watch a bookmark about once a minute, so a watch that is silent for longer is made again: one
/// request, no list, and none at all while the server is well. Where even the new one gets no
/// answer, nothing that goes over these connections is worth waiting for.
///
/// Safe for threads: the client's threads tell, the owner of the client looks.
final class ApiExchanges {

    /// A minute, the bookmarks' precision of about 2 s, and some for the way.
    private static final long SILENT_WATCH_NANOS = TimeUnit.SECONDS.toNanos(65);

    /// More than a busy server lets a request wait in its queues, which is a quarter of a minute.
    private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(20);

    private static final long OVERDUE_NANOS = 2 * ANSWER_NANOS;

    private static final long SILENT_LIST_NANOS = TimeUnit.SECONDS.toNanos(30);

    /// Credentials and trusted certificates are replaced from time to time; then they are read
    /// again.
    private static final long DENIED_NANOS = TimeUnit.SECONDS.toNanos(30);

    /// A request and its answer.
    static final class Exchange {
        private final String key;
        private final boolean watch;
        private final long askedNanos;
        private volatile long heardNanos;
        private volatile @Nullable AsyncBody body;

        private Exchange(String key, boolean watch, long nowNanos) {
            this.key = key;
            this.watch = watch;
            this.askedNanos = nowNanos;
            this.heardNanos = nowNanos;
        }
    }

    private final LongSupplier nanoClock;

    /// By resource and verb: there is never more than one of each.
    private final Map<String, Exchange> open = new ConcurrentHashMap<>();

    private volatile long heardNanos;
    private volatile boolean unanswered;
    private volatile @Nullable Long deniedSinceNanos;

    ApiExchanges(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.heardNanos = nanoClock.getAsLong();
    }

    private static String key(String resource, boolean watch) {
        return (watch ? "watch " : "list ") + resource;
    }

    /// A request is about to be sent.
    void asked(String resource, boolean watch) {
        String key = key(resource, watch);
        open.put(key, new Exchange(key, watch, nanoClock.getAsLong()));
    }

    /// The request that was sent last.
    @Nullable Exchange current(String resource, boolean watch) {
        return open.get(key(resource, watch));
    }

    /// The head of an answer has come.
    void answered(String resource, boolean watch, int status, @Nullable Object body) {
        Exchange exchange = current(resource, watch);
        heard(exchange);
        if (status == HttpURLConnection.HTTP_UNAUTHORIZED) {
            denied();
        } else {
            deniedSinceNanos = null;
        }
        if (exchange == null) {
            return;
        }
        if (status == HttpURLConnection.HTTP_OK && body instanceof AsyncBody content) {
            exchange.body = content;
            var _ = content.done().whenComplete((_, _) -> open.remove(exchange.key, exchange));
        } else {
            open.remove(exchange.key, exchange);
        }
    }

    /// A part of an answer has come.
    void heard(@Nullable Exchange exchange) {
        long now = nanoClock.getAsLong();
        heardNanos = now;
        if (exchange != null) {
            exchange.heardNanos = now;
        }
    }

    /// No answer came.
    void failed(String resource, boolean watch, Throwable failure) {
        Exchange exchange = open.remove(key(resource, watch));
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof SSLException) {
                denied();
            } else if (t instanceof HttpTimeoutException
                    && !(t instanceof HttpConnectTimeoutException)
                    && exchange != null
                    && heardNanos - exchange.askedNanos <= 0) {
                unanswered = true;
            }
        }
    }

    private void denied() {
        if (deniedSinceNanos == null) {
            deniedSinceNanos = nanoClock.getAsLong();
        }
    }

    /// Whether a watch of the resource is open.
    boolean isWatching(String resource) {
        Exchange watch = current(resource, true);
        return watch != null && watch.body != null;
    }

    /// Ends the answers that have been silent for too long; the client asks again by itself.
    ///
    /// @return how many were watches
    int endSilent() {
        long now = nanoClock.getAsLong();
        int watches = 0;
        for (Exchange exchange : open.values()) {
            AsyncBody body = exchange.body;
            long patience = exchange.watch ? SILENT_WATCH_NANOS : SILENT_LIST_NANOS;
            if (body != null && now - exchange.heardNanos >= patience) {
                body.cancel();
                watches += exchange.watch ? 1 : 0;
            }
        }
        return watches;
    }

    /// Whether the connections lead nowhere: nothing at all came while an answer was due, or that
    /// answer is long overdue although others came, over other connections.
    boolean areDead() {
        long now = nanoClock.getAsLong();
        long due = now - heardNanos >= ANSWER_NANOS ? ANSWER_NANOS : OVERDUE_NANOS;
        return unanswered
                || open.values().stream()
                        .anyMatch(e -> e.watch && e.body == null && now - e.askedNanos >= due);
    }

    /// Whether the server has not known us, or we not trusted it, for a while.
    boolean areDenied() {
        Long since = deniedSinceNanos;
        return since != null && nanoClock.getAsLong() - since >= DENIED_NANOS;
    }
}
