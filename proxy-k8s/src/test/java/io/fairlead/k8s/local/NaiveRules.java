package io.fairlead.k8s.local;

import io.fairlead.core.service.BackendSet;
import io.fairlead.k8s.cluster.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Endpoint choice a second time, in the order and the words of the rules' text, for comparison.
///
/// Knows one port at 8080, no duplicates, and nothing of the code under test but facts and results.
final class NaiveRules {
    private static final String PORT = ":8080";

    private final List<Endpoint> endpoints;
    private final String node;
    private final @Nullable String zone;

    NaiveRules(List<Endpoint> endpoints, String node, @Nullable String zone) {
        this.endpoints = endpoints;
        this.node = node;
        this.zone = zone;
    }

    /// Addresses and verdict of what ClusterIP clients get.
    String internal(boolean policyLocal) {
        return policyLocal ? describe(localSet()) : describe(clusterSet());
    }

    /// Addresses and verdict of what clients outside the cluster get.
    String external(boolean policyLocal) {
        return policyLocal ? describe(localSet()) : describe(clusterSet());
    }

    /// Addresses and verdict of what pods and the node get at external VIPs.
    String externalFromPodOrNode() {
        return describe(clusterSet());
    }

    /// The same form for a result of the code under test.
    static String describe(BackendSet set) {
        TreeSet<String> addresses = new TreeSet<>();
        set.backends().forEach(b -> addresses.add(b.at().toString()));
        return addresses + " " + set.verdict();
    }

    private String describe(List<Endpoint> used) {
        TreeSet<String> addresses = new TreeSet<>();
        for (Endpoint e : used) {
            addresses.add(e.address() + PORT);
        }
        if (!used.isEmpty()) {
            return addresses + " FORWARD";
        }
        return addresses + (hasAnyEndpoint() ? " DROP" : " REJECT");
    }

    /// A4.5: a ready, or serving and terminating, endpoint exists anywhere.
    private boolean hasAnyEndpoint() {
        for (Endpoint e : endpoints) {
            if (ready(e) || (serving(e) && terminating(e))) {
                return true;
            }
        }
        return false;
    }

    /// A4.1 and A4.2.
    private List<Endpoint> clusterSet() {
        List<Endpoint> set = new ArrayList<>();
        String mode = mode();
        for (Endpoint e : endpoints) {
            if (ready(e)) {
                if (mode.equals("node") && !e.hints().nodes().contains(node)) {
                    continue;
                }
                if (mode.equals("zone") && (zone == null || !e.hints().zones().contains(zone))) {
                    continue;
                }
                set.add(e);
            }
        }
        if (set.isEmpty()) {
            for (Endpoint e : endpoints) {
                if (serving(e) && terminating(e)) {
                    set.add(e);
                }
            }
        }
        return set;
    }

    /// A4.3.
    private List<Endpoint> localSet() {
        List<Endpoint> set = new ArrayList<>();
        for (Endpoint e : endpoints) {
            if (local(e) && ready(e)) {
                set.add(e);
            }
        }
        if (set.isEmpty()) {
            for (Endpoint e : endpoints) {
                if (local(e) && serving(e) && terminating(e)) {
                    set.add(e);
                }
            }
        }
        return set;
    }

    /// A4.6.
    private String mode() {
        boolean everyNode = true;
        boolean ourNode = false;
        boolean everyZone = true;
        boolean ourZone = false;
        for (Endpoint e : endpoints) {
            if (!ready(e)) {
                continue;
            }
            everyNode = everyNode && !e.hints().nodes().isEmpty();
            ourNode = ourNode || e.hints().nodes().contains(node);
            everyZone = everyZone && !e.hints().zones().isEmpty();
            ourZone = ourZone || (zone != null && e.hints().zones().contains(zone));
        }
        if (everyNode && ourNode) {
            return "node";
        }
        return everyZone && ourZone ? "zone" : "none";
    }

    private boolean local(Endpoint e) {
        return e.nodeName() != null && e.nodeName().equals(node) && !node.isEmpty();
    }

    /// A3.5, the three of them.
    private static boolean ready(Endpoint e) {
        Boolean ready = e.conditions().ready();
        return ready == null || ready;
    }

    private static boolean serving(Endpoint e) {
        Boolean serving = e.conditions().serving();
        return serving == null || serving;
    }

    private static boolean terminating(Endpoint e) {
        Boolean terminating = e.conditions().terminating();
        return terminating != null && terminating;
    }
}
