package io.fairlead.k8s.sync;

import io.fairlead.core.service.PersistentMap;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.ObjectName;
import java.time.Duration;
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

    private int syncs;
    private long added;
    private long changed;
    private long gone;
    private Duration took = Duration.ZERO;
    private boolean told;
    private long toldNanos;

    /// Notes how one applied state differs from the one before. The first is for others to tell.
    void onApplied(ClusterState before, Applied applied, Duration duration) {
        if (applied.generation() > 1 && note(before, applied.state(), duration)) {
            tell(System.nanoTime());
        }
    }

    /// Whether there was a difference.
    boolean note(ClusterState before, ClusterState after, Duration duration) {
        Set<ObjectName> touched = new HashSet<>();
        after.services().forEachChange(before.services(), touched::add);
        PersistentMap<ObjectName, List<EndpointSliceSpec>> slices = after.slicesByService();
        slices.forEachChange(before.slicesByService(), touched::add);
        int differences = 0;
        for (ObjectName name : touched) {
            boolean is = after.services().get(name) != null;
            boolean was = before.services().get(name) != null;
            added += is && !was ? 1 : 0;
            changed += is && was ? 1 : 0;
            gone += was && !is ? 1 : 0;
            differences += is || was ? 1 : 0;
        }
        if (differences > 0) {
            syncs++;
            took = took.plus(duration);
        }
        return differences > 0;
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
