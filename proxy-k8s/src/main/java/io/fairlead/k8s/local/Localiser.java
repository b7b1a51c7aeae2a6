package io.fairlead.k8s.local;

import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.cluster.ServiceSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Turns states of the cluster into views of one node, reusing what did not change.
///
/// The view is a function of state and options alone; what is kept from the state before only saves
/// work. Not safe for threads: one owner calls it with one state after the other.
public final class Localiser {
    private LocalOptions options;
    private final Map<ObjectName, ServiceDraft> drafts = new HashMap<>();
    private final Map<ObjectName, LocalService> services = new HashMap<>();
    private final Map<ObjectName, LocalService> remarkable = new TreeMap<>();
    private final ClaimIndex claims = new ClaimIndex();

    private ServiceSnapshot snapshot = ServiceSnapshot.EMPTY;
    private ClusterState state = ClusterState.EMPTY;
    private @Nullable ThisNode node;
    private List<Problem> nodeProblems = List.of();
    private @Nullable LocalView view;

    public Localiser(LocalOptions options) {
        this.options = options;
    }

    /// The view of one state, from scratch.
    public static LocalView localise(ClusterState state, LocalOptions options) {
        return new Localiser(options).localise(state);
    }

    /// The view of `next`; the very view of the call before where nothing changed for this node.
    public LocalView localise(ClusterState next) {
        ThisNode nextNode = thisNode(next);
        Set<ObjectName> dirty = dirty(next, nextNode);
        List<Problem> nextProblems = nodeProblems(next);
        boolean changed = !nextNode.equals(node) || !nextProblems.equals(nodeProblems);
        Set<ObjectName> affected = new HashSet<>();
        for (ObjectName name : dirty) {
            redraft(name, next, nextNode, affected);
        }
        affected.addAll(dirty);
        for (ObjectName name : affected) {
            changed |= settle(name);
        }
        state = next;
        node = nextNode;
        nodeProblems = nextProblems;
        if (changed || view == null) {
            view = view(nextNode);
        }
        return view;
    }

    /// Made anew only when what it is made of may have changed: a change of a slice must not cost
    /// more than itself.
    private ThisNode thisNode(ClusterState next) {
        ThisNode before = node;
        return before != null
                        && next.nodes().equals(state.nodes())
                        && next.cidrs().equals(state.cidrs())
                ? before
                : ThisNode.of(next, options);
    }

    private Set<ObjectName> dirty(ClusterState next, ThisNode nextNode) {
        Set<ObjectName> dirty = new HashSet<>();
        if (!nextNode.equals(node)) {
            dirty.addAll(drafts.keySet());
            next.services().keys().forEach(dirty::add);
        } else {
            next.services().forEachChange(state.services(), dirty::add);
            next.slicesByService().forEachChange(state.slicesByService(), dirty::add);
        }
        return dirty;
    }

    private void redraft(
            ObjectName name, ClusterState next, ThisNode nextNode, Set<ObjectName> affected) {
        ServiceSpec service = next.services().get(name);
        List<Claim> before = claims(name);
        if (service != null && Selection.serves(service, options)) {
            List<EndpointSliceSpec> slices = next.slicesByService().get(name);
            List<EndpointSliceSpec> all = slices == null ? List.of() : slices;
            drafts.put(name, ServiceRules.apply(service, all, nextNode));
        } else {
            drafts.remove(name);
        }
        List<Claim> after = claims(name);
        if (!before.equals(after)) {
            claims.replace(before, after, affected);
        }
    }

    private List<Claim> claims(ObjectName name) {
        ServiceDraft draft = drafts.get(name);
        return draft == null ? List.of() : draft.claims();
    }

    /// Whether the Service came out otherwise than before.
    private boolean settle(ObjectName name) {
        ServiceDraft draft = drafts.get(name);
        LocalService before = services.get(name);
        if (draft == null) {
            services.remove(name);
            remarkable.remove(name);
            replace(before, null);
            return before != null;
        }
        LocalService after = LocalService.settle(draft, claims, before);
        if (after.equals(before)) {
            return false;
        }
        services.put(name, after);
        replace(before, after);
        if (after.isPlain()) {
            remarkable.remove(name);
        } else {
            remarkable.put(name, after);
        }
        return true;
    }

    /// Brings the snapshot up to date with one Service.
    private void replace(@Nullable LocalService before, @Nullable LocalService after) {
        if (before != null) {
            for (ServicePort port : before.ports()) {
                snapshot = snapshot.without(port.name());
            }
        }
        if (after != null) {
            for (ServicePort port : after.ports()) {
                snapshot = snapshot.with(port);
            }
        }
    }

    private LocalView view(ThisNode node) {
        List<HealthCheckNodePort> healthChecks = new ArrayList<>();
        List<HintNote> notes = new ArrayList<>();
        List<Problem> problems = new ArrayList<>(nodeProblems);
        for (LocalService service : remarkable.values()) {
            healthChecks.addAll(service.healthChecks());
            notes.addAll(service.hintNotes());
            problems.addAll(service.problems());
        }
        return new LocalView(
                snapshot.withNode(node.network().withAgentPorts(ports(healthChecks))),
                node.zone(),
                healthChecks.stream().sorted().toList(),
                notes.stream().sorted().toList(),
                problems.stream().sorted().distinct().toList());
    }

    private static Set<Integer> ports(List<HealthCheckNodePort> healthChecks) {
        return healthChecks.stream()
                .map(HealthCheckNodePort::port)
                .collect(Collectors.toUnmodifiableSet());
    }

    /// Nodes without ours among them: its name is probably misspelt.
    private List<Problem> nodeProblems(ClusterState state) {
        if (state.nodes().isEmpty() || state.node(options.nodeName()) != null) {
            return List.of();
        }
        ObjectKey key = new ObjectKey(ObjectKey.Kind.NODE, new ObjectName("", options.nodeName()));
        return List.of(
                Problem.of(
                        key,
                        "metadata.name",
                        "this node is not among the Nodes, so it has no zone and serves no node"
                                + " ports; check the node name"));
    }

    /// How many entries are kept, over all maps: what must not grow.
    int entries() {
        return drafts.size() + services.size() + remarkable.size() + claims.size();
    }

    /// The next view is by other options, from scratch but for what comes out as before.
    public void reconfigure(LocalOptions next) {
        options = next;
        node = null;
    }

    /// The options that hold for the next view.
    public LocalOptions options() {
        return options;
    }
}
