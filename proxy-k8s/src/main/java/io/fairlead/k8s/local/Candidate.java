package io.fairlead.k8s.local;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSpec;
import io.fairlead.k8s.cluster.Endpoint;

/// An endpoint of one service port, before policies decide whether it is used.
///
/// @param local runs on this node
record Candidate(AddressPort at, int weight, boolean local, Endpoint facts) {

    BackendSpec backend() {
        return new BackendSpec(at, weight);
    }

    boolean isReady() {
        return facts.conditions().isReady();
    }

    boolean isServing() {
        return facts.conditions().isServing();
    }

    /// Not ready because it ends, yet still able to serve: what is used when nothing is ready.
    boolean isServingTerminating() {
        return facts.conditions().isServing() && facts.conditions().isTerminating();
    }
}
