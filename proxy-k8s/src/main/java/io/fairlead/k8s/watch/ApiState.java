package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.ClusterObject;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.Problem;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What the API server has said so far.
///
/// It depends on the last word about each object, not on the order among objects. One owner; not
/// safe for threads.
final class ApiState {

    /// Without ServiceCIDRs a node serves the same: not every cluster has them, or lets us read
    /// them.
    private final Set<ObjectKey.Kind> awaited =
            EnumSet.of(ObjectKey.Kind.SERVICE, ObjectKey.Kind.ENDPOINT_SLICE, ObjectKey.Kind.NODE);

    private final Map<ObjectKey, List<Problem>> problems = new TreeMap<>();
    private ClusterState state = ClusterState.EMPTY;

    void accept(ApiChange change) {
        switch (change) {
            case ApiChange.Said said -> accept(said);
            case ApiChange.Listed listed -> awaited.remove(listed.kind());
        }
    }

    private void accept(ApiChange.Said said) {
        ClusterObject object = said.object();
        state = object == null ? state.without(said.key()) : state.with(object);
        if (said.problems().isEmpty()) {
            problems.remove(said.key());
        } else {
            problems.put(said.key(), said.problems());
        }
    }

    /// Whether every kind has been listed once that a node cannot be served without.
    boolean isWhole() {
        return awaited.isEmpty();
    }

    ClusterUpdate update() {
        return new ClusterUpdate(
                state, problems.values().stream().flatMap(List::stream).sorted().toList());
    }
}
