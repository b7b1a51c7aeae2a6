package io.fairlead.k8s.local;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The endpoints of one service port that this node may use (SEMANTICS A4), and the verdict where
/// there is none (A6).
///
/// @param cluster for clients that may be led to any node
/// @param local for clients that must stay on this node
/// @param serving those that answer, whether this node may choose them or not
/// @param any whether some endpoint is usable somewhere, even if no policy leads there
/// @param hintsIgnored why topology hints are not followed; null when they are, or there are none
record EndpointSets(
        List<Candidate> cluster,
        List<Candidate> local,
        List<Candidate> serving,
        boolean any,
        @Nullable String hintsIgnored) {

    static EndpointSets of(List<Candidate> all, ThisNode node) {
        List<Candidate> ready = select(all, Candidate::isReady);
        TopologyMode mode = TopologyMode.of(ready, node);
        // The fallback to terminating endpoints is made for each set alone, and never by hints.
        List<Candidate> cluster = select(ready, mode::admits);
        if (cluster.isEmpty()) {
            cluster = select(all, Candidate::isServingTerminating);
        }
        List<Candidate> local = select(ready, Candidate::local);
        if (local.isEmpty()) {
            local = select(all, c -> c.local() && c.isServingTerminating());
        }
        // Were there any usable endpoint, the cluster set would hold one.
        List<Candidate> serving = select(all, Candidate::isServing);
        return new EndpointSets(cluster, local, serving, !cluster.isEmpty(), mode.ignored());
    }

    /// What clients get who may go to any node.
    BackendSet clusterSet() {
        return set(cluster);
    }

    /// What clients get who must stay on this node.
    BackendSet localSet() {
        return set(local);
    }

    /// The backends with which flows of datagrams go on (SEMANTICS A11.2).
    Set<AddressPort> servingAddresses() {
        return serving.stream().map(Candidate::at).collect(Collectors.toUnmodifiableSet());
    }

    private BackendSet set(List<Candidate> usable) {
        if (usable.isEmpty()) {
            return any ? BackendSet.DROP : BackendSet.REJECT;
        }
        return BackendSet.forward(usable.stream().map(Candidate::backend).toList());
    }

    private static List<Candidate> select(List<Candidate> from, Predicate<Candidate> which) {
        return from.stream().filter(which).toList();
    }
}
