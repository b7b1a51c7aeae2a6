package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.ClusterObject;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.ObjectKey.Kind;
import io.fairlead.k8s.cluster.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the API server has said so far.
///
/// It depends on the last word about each object, not on the order among objects. A list that
/// leaves out all Services or all EndpointSlices there were is believed only after a time: an API
/// server that lost its storage says the same. One owner; not safe for threads.
final class ApiState {
    private static final Logger LOG = LoggerFactory.getLogger(ApiState.class);

    /// Kinds whose disappearance as a whole would end all service.
    private static final Set<Kind> GUARDED =
            Collections.unmodifiableSet(EnumSet.of(Kind.SERVICE, Kind.ENDPOINT_SLICE));

    /// Without ServiceCIDRs a node serves the same: not every cluster has them, or lets us read
    /// them.
    private final Set<Kind> awaited = EnumSet.of(Kind.SERVICE, Kind.ENDPOINT_SLICE, Kind.NODE);

    private Duration hold;
    private final Map<Kind, AbsentObjects> absent = new EnumMap<>(Kind.class);
    private final Map<ObjectKey, List<Problem>> problems = new TreeMap<>();
    private ClusterState state = ClusterState.EMPTY;

    /// Of Services, the only ones besides the own Node that events are about.
    private final Map<ObjectKey, String> uids = new ConcurrentHashMap<>();

    /// @param hold how long an empty list is not believed; zero for not at all
    ApiState(Duration hold) {
        this.hold = hold;
        for (Kind kind : Kind.values()) {
            absent.put(kind, new AbsentObjects());
        }
    }

    /// Holds empty lists for another time, also those that are being held.
    void holdFor(Duration time) {
        hold = time;
    }

    void accept(ApiChange change, long nowNanos) {
        switch (change) {
            case ApiChange.Said said -> accept(said);
            case ApiChange.Vanished vanished -> onVanished(vanished.key());
            case ApiChange.Listed listed -> onListed(listed.kind(), nowNanos);
        }
    }

    private void accept(ApiChange.Said said) {
        ObjectKey key = said.key();
        absent(key.kind()).remove(key);
        ClusterObject object = said.object();
        state = object == null ? state.without(key) : state.with(object);
        if (said.uid() == null || object == null) {
            uids.remove(key);
        } else if (key.kind() == Kind.SERVICE) {
            uids.put(key, said.uid());
        }
        if (said.problems().isEmpty()) {
            problems.remove(key);
        } else {
            problems.put(key, said.problems());
        }
    }

    private void onVanished(ObjectKey key) {
        if (state.object(key) == null) {
            problems.remove(key);
        } else {
            absent(key.kind()).add(key);
        }
    }

    private void onListed(Kind kind, long nowNanos) {
        awaited.remove(kind);
        AbsentObjects missing = absent(kind);
        boolean isEmptied = missing.size() > 0 && missing.size() == count(kind);
        if (!isEmptied || !GUARDED.contains(kind) || hold.isZero()) {
            missing.drain().forEach(this::forget);
        } else if (!missing.isHeld()) {
            missing.hold(nowNanos);
            LOG.error(
                    "the API server lists no {} any more, and there were {}; they are served for"
                            + " another {} s",
                    kind.word(),
                    missing.size(),
                    hold.toSeconds());
        }
    }

    private void forget(ObjectKey key) {
        state = state.without(key);
        uids.remove(key);
        problems.remove(key);
    }

    /// Believes the lists that have been empty for long enough.
    void expire(long nowNanos) {
        absent.forEach((kind, missing) -> {
            Long since = missing.heldSinceNanos();
            if (since != null && nowNanos - since >= hold.toNanos()) {
                LOG.error(
                        "the API server still lists no {}: {} are no longer served",
                        kind.word(),
                        missing.size());
                missing.drain().forEach(this::forget);
            }
        });
    }

    /// Starts with what was known at another time.
    void restore(ClusterState before) {
        state = before;
        doubt();
    }

    /// What is known was not heard from the server that will list next: whatever its lists leave
    /// out is gone.
    void doubt() {
        state.keys().forEach(key -> absent(key.kind()).add(key));
    }

    /// Since when the objects of a kind are held back that an empty list left out.
    Map<Kind, Long> heldSinceNanos() {
        Map<Kind, Long> held = new EnumMap<>(Kind.class);
        absent.forEach((kind, missing) -> {
            Long since = missing.heldSinceNanos();
            if (since != null) {
                held.put(kind, since);
            }
        });
        return Collections.unmodifiableMap(held);
    }

    private AbsentObjects absent(Kind kind) {
        return absent.computeIfAbsent(kind, _ -> new AbsentObjects());
    }

    private int count(Kind kind) {
        return switch (kind) {
            case SERVICE -> state.services().size();
            case ENDPOINT_SLICE -> state.slices().size();
            case NODE -> state.nodes().size();
            case SERVICE_CIDR -> state.cidrs().size();
        };
    }

    /// The uid of a Service; null when it is not known. Any thread.
    @Nullable String uid(ObjectKey key) {
        return uids.get(key);
    }

    /// Whether every kind has been listed once that a node cannot be served without.
    boolean isWhole() {
        return awaited.isEmpty();
    }

    ClusterUpdate update() {
        List<Problem> all = new ArrayList<>();
        problems.values().forEach(all::addAll);
        absent.forEach((kind, missing) -> {
            if (missing.isHeld()) {
                all.add(held(kind));
            }
        });
        Collections.sort(all);
        return new ClusterUpdate(state, all);
    }

    private Problem held(Kind kind) {
        return new Problem(
                "API server",
                kind.word() + " list",
                ("empty, and was not before; what is served stays for %d s in case that is an"
                                + " error, look at the API server and its storage")
                        .formatted(hold.toSeconds()));
    }
}
