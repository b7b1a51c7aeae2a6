package io.fairlead.k8s.sync;

import io.fairlead.core.service.PersistentMap;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.ObjectName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What has been applied, in one line a second at most; what comes faster is added up.
///
/// Of the control thread.
final class ChangeLog {

    private static final Logger LOG = LoggerFactory.getLogger(ChangeLog.class);

    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RecentChanges recent = new RecentChanges();
    private int syncs;
    private long added;
    private long changed;
    private long gone;
    private Duration took = Duration.ZERO;
    private boolean told;
    private long toldNanos;

    /// The last of them, for whoever asks.
    RecentChanges recent() {
        return recent;
    }

    /// Notes how one applied state differs from the one before. To log the first is for others.
    void onApplied(ClusterState before, Applied applied, SyncProgress.Times times) {
        Difference difference = Difference.of(before, applied.state());
        if (difference.size() == 0) {
            return;
        }
        recent.add(difference.at(applied.generation(), times));
        if (applied.generation() > 1) {
            note(difference, times.applying());
            tell(System.nanoTime());
        }
    }

    /// Adds what differs to what the next line tells.
    void note(ClusterState before, ClusterState after, Duration duration) {
        Difference difference = Difference.of(before, after);
        if (difference.size() > 0) {
            note(difference, duration);
        }
    }

    private void note(Difference difference, Duration duration) {
        added += difference.added();
        changed += difference.changed();
        gone += difference.gone();
        syncs++;
        took = took.plus(duration);
    }

    /// How two states differ, by Services.
    ///
    /// @param names of some of them
    record Difference(int added, int changed, int gone, List<String> names) {

        static Difference of(ClusterState before, ClusterState after) {
            Set<ObjectName> touched = new HashSet<>();
            after.services().forEachChange(before.services(), touched::add);
            PersistentMap<ObjectName, List<EndpointSliceSpec>> slices = after.slicesByService();
            slices.forEachChange(before.slicesByService(), touched::add);
            int added = 0;
            int changed = 0;
            int gone = 0;
            List<String> names = new ArrayList<>();
            for (ObjectName name : touched) {
                boolean is = after.services().get(name) != null;
                boolean was = before.services().get(name) != null;
                added += is && !was ? 1 : 0;
                changed += is && was ? 1 : 0;
                gone += was && !is ? 1 : 0;
                if ((is || was) && names.size() < RecentChanges.NAMES) {
                    names.add(name.toString());
                }
            }
            return new Difference(added, changed, gone, names);
        }

        int size() {
            return added + changed + gone;
        }

        RecentChanges.Change at(long generation, SyncProgress.Times times) {
            return new RecentChanges.Change(
                    times.at(),
                    generation,
                    added,
                    changed,
                    gone,
                    names.stream().sorted().toList(),
                    times.waited(),
                    times.applying(),
                    times.triggered());
        }
    }

    /// Writes the line, if there is one and it is time.
    void tell(long nowNanos) {
        String line = line(nowNanos);
        if (line != null) {
            LOG.info("{}", line);
        }
    }

    /// What has not been told yet; null when there is nothing, or the last line is too young.
    @Nullable String line(long nowNanos) {
        if (syncs == 0 || (told && nowNanos - toldNanos < INTERVAL_NANOS)) {
            return null;
        }
        String line =
                "%d Services added, %d changed, %d gone; %d ms%s"
                        .formatted(
                                added,
                                changed,
                                gone,
                                took.toMillis(),
                                syncs == 1 ? "" : " in " + syncs + " turns");
        syncs = 0;
        added = 0;
        changed = 0;
        gone = 0;
        took = Duration.ZERO;
        told = true;
        toldNanos = nowNanos;
        return line;
    }
}
