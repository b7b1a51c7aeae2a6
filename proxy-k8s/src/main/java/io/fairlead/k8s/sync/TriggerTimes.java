package io.fairlead.k8s.sync;

import io.fairlead.core.service.IpFamily;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.measure.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Network programming latency (SEMANTICS A13): from what changed the endpoints of a Service, a pod
/// that became ready, to the end of the sync that serves it.
///
/// Each trigger is waited for from the offer of a state that brings it to the end of the sync that
/// took it, and observed once. Not safe for threads.
final class TriggerTimes {

    /// Triggers kept while nothing can be applied; later ones are not observed.
    private static final int MAX_PENDING = 100_000;

    private record Trigger(IpFamily family, Instant time) {}

    private final Instant start;
    private final Map<ObjectName, List<Trigger>> pending = new HashMap<>();
    private final List<Trigger> inHand = new ArrayList<>();
    private final Map<IpFamily, Durations> latency = new EnumMap<>(IpFamily.class);
    private int count; // of pending

    /// @param start of this process: whatever was triggered before is not its delay
    TriggerTimes(Instant start) {
        this.start = start;
        for (IpFamily family : IpFamily.values()) {
            latency.put(family, new Durations(boundsSeconds()));
        }
    }

    /// Upper bounds of the buckets, as dashboards of kube-proxy have them: a quarter and half a
    /// second, each second of the first minute, then by 5 and by 30 seconds up to 300.
    static double[] boundsSeconds() {
        List<Double> bounds = new ArrayList<>(List.of(0.25, 0.5));
        for (int second = 1; second <= 300; ) {
            bounds.add((double) second);
            second += second < 60 ? 1 : second < 120 ? 5 : 30;
        }
        return bounds.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /// A later state takes the place of an earlier one.
    void onOffered(ClusterState before, ClusterState after) {
        // A slice that goes says nothing of when, and what waits for its Service is void.
        after.slices()
                .forEachChange(
                        before.slices(),
                        name -> {
                            EndpointSliceSpec gone = before.slices().get(name);
                            if (gone != null && after.slices().get(name) == null) {
                                drop(gone.service());
                            }
                        });
        after.slices().forEachChange(before.slices(), name -> note(after.slices().get(name)));
    }

    private void drop(ObjectName service) {
        List<Trigger> dropped = pending.remove(service);
        count -= dropped == null ? 0 : dropped.size();
    }

    private void note(@Nullable EndpointSliceSpec slice) {
        Instant time = slice == null ? null : slice.traits().lastChangeTrigger();
        if (slice != null && time != null && time.isAfter(start) && count < MAX_PENDING) {
            pending.computeIfAbsent(slice.service(), _ -> new ArrayList<>())
                    .add(new Trigger(slice.family(), time));
            count++;
        }
    }

    /// The latest state that was offered is about to be applied.
    void onTaken() {
        pending.values().forEach(inHand::addAll);
        pending.clear();
        count = 0;
    }

    /// What was taken is served. A clock that is ahead of ours makes no delay less than none.
    ///
    /// @return the longest delay; null when there is none
    @Nullable Duration onApplied(Instant now) {
        Duration longest = null;
        for (Trigger trigger : inHand) {
            Duration between = Duration.between(trigger.time(), now);
            Duration since = between.isNegative() ? Duration.ZERO : between;
            durations(trigger.family()).add(since);
            longest = longest == null || since.compareTo(longest) > 0 ? since : longest;
        }
        inHand.clear();
        return longest;
    }

    Durations durations(IpFamily family) {
        return latency.getOrDefault(family, new Durations(boundsSeconds()));
    }
}
