package io.fairlead.k8s.local;

import io.fairlead.k8s.cluster.Endpoint.Hints;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// How hints narrow the endpoints of a service port for this node (SEMANTICS A4.6 to A4.11).
///
/// A kind of hint counts only when every ready endpoint carries it and some endpoint names this
/// node; so a mode, once chosen, always leaves an endpoint.
///
/// @param kind `node` or `zone`, the hints that are followed; null where none are
/// @param hinted the names a candidate's hints hold for the chosen kind
/// @param name this node or its zone
/// @param ignored why hints that exist are not followed; null when they are, or there are none
record TopologyMode(
        @Nullable String kind,
        @Nullable Function<Hints, Set<String>> hinted,
        @Nullable String name,
        @Nullable String ignored) {

    static TopologyMode of(List<Candidate> ready, ThisNode node) {
        String byNode = objection(ready, Hints::nodes, "node", node.options().nodeName());
        if (byNode == null) {
            return new TopologyMode("node", Hints::nodes, node.options().nodeName(), null);
        }
        String byZone = objection(ready, Hints::zones, "zone", node.zone());
        if (byZone == null) {
            return new TopologyMode("zone", Hints::zones, node.zone(), null);
        }
        return new TopologyMode(null, null, null, explain(ready, byNode, byZone));
    }

    boolean admits(Candidate candidate) {
        return hinted == null || hinted.apply(candidate.facts().hints()).contains(name);
    }

    private static @Nullable String objection(
            List<Candidate> ready,
            Function<Hints, Set<String>> kind,
            String word,
            @Nullable String name) {
        boolean named = false;
        for (Candidate candidate : ready) {
            Set<String> hints = kind.apply(candidate.facts().hints());
            if (hints.isEmpty()) {
                return candidate.at() + " has no " + word + " hint";
            }
            named |= name != null && hints.contains(name);
        }
        if (named) {
            return null;
        }
        return name == null
                ? "this node has no " + word + " label"
                : "no endpoint is hinted for " + word + " " + name;
    }

    private static @Nullable String explain(List<Candidate> ready, String byNode, String byZone) {
        boolean nodes = ready.stream().anyMatch(c -> !c.facts().hints().nodes().isEmpty());
        boolean zones = ready.stream().anyMatch(c -> !c.facts().hints().zones().isEmpty());
        if (nodes && zones) {
            return byNode + "; " + byZone;
        }
        if (nodes) {
            return byNode;
        }
        return zones ? byZone : null;
    }
}
