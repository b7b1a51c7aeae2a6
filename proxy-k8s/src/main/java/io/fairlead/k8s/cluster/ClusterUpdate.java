package io.fairlead.k8s.cluster;

import java.util.List;

/// What a source of objects hands on: the state of the cluster and what of it could not be read.
public record ClusterUpdate(ClusterState state, List<Problem> problems) {

    public ClusterUpdate {
        problems = List.copyOf(problems);
    }
}
