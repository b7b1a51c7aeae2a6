package io.fairlead.k8s.cluster;

import io.fairlead.core.service.IpAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An endpoint of a slice.
///
/// @param index its place in the slice as written, for field paths
/// @param nodeName where it runs; null when unknown or outside the cluster
public record Endpoint(
        int index,
        IpAddress address,
        @Nullable String nodeName,
        Conditions conditions,
        Hints hints) {

    /// What is known of an endpoint's state; null where the slice says nothing.
    public record Conditions(
            @Nullable Boolean ready, @Nullable Boolean serving, @Nullable Boolean terminating) {

        /// Nothing known.
        public static final Conditions UNKNOWN = new Conditions(null, null, null);

        /// Ready unless denied (SEMANTICS A3.5).
        public boolean isReady() {
            return ready == null || ready;
        }

        /// Serving unless denied.
        public boolean isServing() {
            return serving == null || serving;
        }

        /// Terminating only if said.
        public boolean isTerminating() {
            return terminating != null && terminating;
        }
    }

    /// The zones and nodes whose clients the endpoint is meant for; empty sets say nothing.
    public record Hints(Set<String> zones, Set<String> nodes) {

        /// No hint of either kind.
        public static final Hints NONE = new Hints(Set.of(), Set.of());

        public Hints {
            zones = Set.copyOf(zones);
            nodes = Set.copyOf(nodes);
        }
    }
}
