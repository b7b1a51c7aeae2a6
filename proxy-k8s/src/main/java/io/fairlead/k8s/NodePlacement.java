package io.fairlead.k8s;

import io.fairlead.core.host.HostException;
import io.fairlead.core.host.HostProgram;
import io.fairlead.core.host.InterfaceName;
import io.fairlead.core.host.RoutedPods;
import io.fairlead.core.kernel.NetworkChanges;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.service.SpecialAddress;
import io.fairlead.k8s.sync.Placement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the machine knows of its network and the API does not, for a node that captures VIPs: its
/// addresses as they are at the moment. Control thread only.
final class NodePlacement implements Placement {

    private static final Logger LOG = LoggerFactory.getLogger(NodePlacement.class);

    private final CaptureOptions options;
    private final Set<Integer> statusPorts;
    private final boolean alone;
    private final AtomicBoolean stale = new AtomicBoolean(true);
    private Set<IpAddress> machine = MachineAddresses.read();
    private Optional<List<Cidr>> podsHere;
    private Set<Cidr> refused = Set.of();
    private @Nullable NetworkChanges changes;

    /// @param statusPorts where the agent's own servers listen
    /// @param alone whether no other proxy serves ClusterIPs here, so that whole ranges of them are
    ///   this one's
    NodePlacement(CaptureOptions options, Set<Integer> statusPorts, boolean alone) {
        this.options = options;
        this.statusPorts = Set.copyOf(statusPorts);
        this.alone = alone;
        this.podsHere = podsByInterface(options.podInterfaces());
    }

    @Override
    public void follow(Runnable moved) {
        try {
            changes =
                    NetworkChanges.follow(
                            options.podInterfaces().isEmpty()
                                    ? NetworkChanges.Kind.ADDRESSES
                                    : NetworkChanges.Kind.ADDRESSES_AND_ROUTES,
                            () -> {
                                if (!stale.getAndSet(true)) {
                                    moved.run();
                                }
                            });
        } catch (IOException e) {
            LOG.warn(
                    "changes of this node's addresses are seen every few seconds only: {}",
                    e.getMessage());
        }
    }

    @Override
    public boolean hasMoved() {
        boolean told = stale.getAndSet(false);
        if (!told && changes != null && changes.isAlive()) {
            return false;
        }
        Set<IpAddress> now = MachineAddresses.read();
        Optional<List<Cidr>> pods = podsByInterface(options.podInterfaces());
        boolean moved = !now.equals(machine) || !pods.equals(podsHere);
        machine = now;
        podsHere = pods;
        return moved;
    }

    /// What is behind the interfaces of pods; nothing where pods are told otherwise.
    private Optional<List<Cidr>> podsByInterface(List<InterfaceName> interfaces) {
        if (interfaces.isEmpty()) {
            return Optional.empty();
        }
        try {
            List<Cidr> pods = new ArrayList<>(RoutedPods.behind(HostProgram.ip(), interfaces));
            for (IpFamily family : IpFamily.values()) {
                if (pods.stream().noneMatch(p -> p.family() == family)) {
                    pods.add(nobody(family));
                }
            }
            return Optional.of(pods);
        } catch (HostException e) {
            LOG.error("pods behind {} cannot be told: {}", interfaces, e.getMessage());
            return Optional.of(
                    podsHere.orElse(
                            Stream.of(IpFamily.values()).map(NodePlacement::nobody).toList()));
        }
    }

    /// A range of which no client is; no range at all would mean that everybody may be a pod.
    private static Cidr nobody(IpFamily family) {
        return new Cidr(IpAddress.any(family), family.bits());
    }

    @Override
    public ServiceSnapshot place(ServiceSnapshot snapshot) {
        NodeNetwork api = snapshot.node();
        Set<IpAddress> primary = primary(api);
        Set<IpAddress> shown = new HashSet<>(api.addresses());
        shown.removeIf(a -> a.isAny() || a.isLoopback());
        Set<IpAddress> forNodePorts = shown.isEmpty() ? primary : shown;
        List<Cidr> byRange =
                options.clusterCidrs().isEmpty() ? api.podCidrs() : options.clusterCidrs();
        Set<Integer> ports = new HashSet<>(api.agentPorts());
        ports.addAll(statusPorts);
        return snapshot.withNode(
                api.withAddresses(machine, primary)
                        .withNodePortAddresses(
                                options.nodePortAddresses().choose(machine, forNodePorts))
                        .withServiceCidrs(serviceCidrs(api))
                        .withPodCidrs(podsHere.orElse(byRange), podsHere.orElse(api.ownPodCidrs()))
                        .withAgentPorts(ports));
    }

    /// A range that holds an address of this machine is none of VIPs: made local, it would cut the
    /// node off.
    private List<Cidr> serviceCidrs(NodeNetwork api) {
        if (!alone) {
            return List.of();
        }
        List<Cidr> ranges = new ArrayList<>();
        Set<Cidr> bad = new TreeSet<>();
        Stream.concat(options.serviceCidrs().stream(), api.serviceCidrs().stream())
                .forEach(range ->
                        (machine.stream().anyMatch(range::contains) ? bad : ranges).add(range));
        bad.stream()
                .filter(range -> !refused.contains(range))
                .forEach(range ->
                        LOG.error(
                                "service range {} holds an address of this node, so it is"
                                        + " not captured as a whole; correct --service-cidr"
                                        + " or the ServiceCIDR",
                                range));
        refused = bad;
        return ranges;
    }

    /// The Node object's address of each family where the machine has it, else the machine's first
    /// that others can reach.
    private Set<IpAddress> primary(NodeNetwork api) {
        Set<IpAddress> primary = new HashSet<>();
        for (IpFamily family : IpFamily.values()) {
            Stream.concat(
                            api.addresses().stream().sorted().filter(machine::contains),
                            machine.stream().sorted())
                    .filter(a -> a.family() == family && SpecialAddress.of(a) == null)
                    .findFirst()
                    .ifPresent(primary::add);
        }
        return primary;
    }

    @Override
    public void close() {
        if (changes != null) {
            changes.close();
        }
    }
}
