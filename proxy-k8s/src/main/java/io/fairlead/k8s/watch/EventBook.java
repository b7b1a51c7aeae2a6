package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.ClusterEvent;
import io.fairlead.k8s.cluster.ObjectKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// What was told of which object, so that nobody is told too often.
///
/// The same reason for the same object is one series: created once, its count brought up to date
/// now and then, over when it stops. All series together share one allowance. Not safe for threads.
final class EventBook {

    /// As the client library that kube-proxy uses ends a series (client-go `tools/events`).
    private static final long SERIES_ENDS_NANOS = TimeUnit.MINUTES.toNanos(6);

    /// As the older client library of Kubernetes allows one object (client-go `tools/record`).
    private static final long UPDATE_NANOS = TimeUnit.MINUTES.toNanos(5);

    /// At once, as that library allows one object; here it is for all objects of a node: a port
    /// that is taken under thousands of VIPs, on thousands of nodes, must not fill the API server.
    private static final int BURST = 25;

    /// A thousand nodes in trouble send a hundred a second.
    private static final long REFILL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int MAX_SERIES = 1_000;

    /// What is to be done about an event.
    sealed interface Step {
        /// Tell it as a new one.
        record Create(String name) implements Step {}

        /// Tell that the one of that name has now happened so often.
        record Count(String name, int count) implements Step {}

        /// Nothing now; it is counted.
        record Wait() implements Step {}

        /// Nothing: the allowance is spent.
        record Drop() implements Step {}
    }

    private record Key(ObjectKey regarding, String reason) {}

    private static final class Series {
        private final String name;
        private int count = 1;
        private long lastNanos;
        private long sentNanos;

        Series(String name, long nowNanos) {
            this.name = name;
            this.lastNanos = nowNanos;
            this.sentNanos = nowNanos;
        }
    }

    private final Map<Key, Series> series =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, Series> eldest) {
                    return size() > MAX_SERIES;
                }
            };

    private int allowance = BURST;
    private long refilledNanos;

    EventBook(long nowNanos) {
        this.refilledNanos = nowNanos;
    }

    /// @param name for the event, should it be a new one
    Step next(ClusterEvent event, String name, long nowNanos) {
        Key key = new Key(event.regarding(), event.reason());
        Series known = series.get(key);
        if (known == null || nowNanos - known.lastNanos >= SERIES_ENDS_NANOS) {
            if (!spend(nowNanos)) {
                return new Step.Drop();
            }
            series.put(key, new Series(name, nowNanos));
            return new Step.Create(name);
        }
        known.count++;
        known.lastNanos = nowNanos;
        boolean due = known.count == 2 || nowNanos - known.sentNanos >= UPDATE_NANOS;
        if (!due || !spend(nowNanos)) {
            return new Step.Wait();
        }
        known.sentNanos = nowNanos;
        return new Step.Count(known.name, known.count);
    }

    /// The event did not reach the API server, or is no longer there; the next is a new one.
    void forget(ClusterEvent event) {
        series.remove(new Key(event.regarding(), event.reason()));
    }

    private boolean spend(long nowNanos) {
        long more = (nowNanos - refilledNanos) / REFILL_NANOS;
        refilledNanos += more * REFILL_NANOS;
        allowance = (int) Math.min(BURST, allowance + more);
        if (allowance == 0) {
            return false;
        }
        allowance--;
        return true;
    }
}
