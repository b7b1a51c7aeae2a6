package io.fairlead.k8s.watch;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// When the API server was last heard of, and what keeps us from it.
///
/// Safe for threads: the client's threads write, anybody reads. Each failure is told when it comes
/// and then once a minute.
final class ApiContact {
    private static final Logger LOG = LoggerFactory.getLogger(ApiContact.class);

    private static final long REPEAT_NANOS = TimeUnit.MINUTES.toNanos(1);

    /// Failures differ by server and resource; more than this is a server that makes up words.
    private static final int MAX_FAILURES = 64;

    private final LongSupplier nanoClock;
    private final Map<String, Long> told = new ConcurrentHashMap<>();
    private final AtomicLong silentWatches = new AtomicLong();
    private final AtomicLong endedWatches = new AtomicLong();
    private final AtomicLong connections = new AtomicLong();
    private volatile long lastNanos;

    ApiContact(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.lastNanos = nanoClock.getAsLong();
    }

    /// Something came from the API server.
    void heard() {
        lastNanos = nanoClock.getAsLong();
    }

    /// A request was answered as asked for.
    ///
    /// @param topic whose failures are over by that
    void served(String topic) {
        if (!told.isEmpty() && told.keySet().removeIf(f -> f.startsWith(topic + ": "))) {
            LOG.info("{} is well again", topic);
        }
    }

    /// Watches were made again because they had been silent for too long.
    void watchesSilent(int count) {
        silentWatches.addAndGet(count);
    }

    /// A watch was started again that had ended by itself, and not for the server's sake.
    void watchEnded() {
        endedWatches.incrementAndGet();
    }

    /// All watches were started again over new connections.
    void connectedAnew() {
        connections.incrementAndGet();
    }

    /// How often watches had to be started again, by reason.
    Map<String, Long> restarts() {
        return Map.of(
                "silent", silentWatches.get(),
                "ended", endedWatches.get(),
                "connection", connections.get());
    }

    /// Time since the last contact, or since the start.
    Duration age() {
        return Duration.ofNanos(nanoClock.getAsLong() - lastNanos);
    }

    /// Tells of a failure, unless it was told within a minute.
    void failed(String topic, String message) {
        long now = nanoClock.getAsLong();
        String failure = topic + ": " + message;
        if (told.size() >= MAX_FAILURES) {
            told.clear();
        }
        boolean[] due = {false};
        told.compute(
                failure,
                (_, last) -> {
                    due[0] = last == null || now - last >= REPEAT_NANOS;
                    return due[0] || last == null ? now : last;
                });
        if (due[0]) {
            LOG.warn("{}", failure);
        }
    }
}
