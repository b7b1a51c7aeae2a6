package io.fairlead.k8s;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.service.SpecialAddress;
import io.fairlead.k8s.sync.Placement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the machine knows of its network and the API does not, for a node that captures VIPs: its
/// addresses as they are at the moment. Control thread only.
final class NodePlacement implements Placement {

    private static final Logger LOG = LoggerFactory.getLogger(NodePlacement.class);

    private final CaptureOptions options;
    private final Set<Integer> statusPorts;
    private Set<IpAddress> machine = MachineAddresses.read();
    private Set<Cidr> refused = Set.of();

    /// @param statusPorts where the agent's own servers listen
    NodePlacement(CaptureOptions options, Set<Integer> statusPorts) {
        this.options = options;
        this.statusPorts = Set.copyOf(statusPorts);
    }

    @Override
    public boolean hasMoved() {
        Set<IpAddress> now = MachineAddresses.read();
        boolean moved = !now.equals(machine);
        machine = now;
        return moved;
    }

    @Override
    public ServiceSnapshot place(ServiceSnapshot snapshot) {
        NodeNetwork api = snapshot.node();
        Set<IpAddress> primary = primary(api);
        Set<IpAddress> shown = new HashSet<>(api.addresses());
        shown.removeIf(a -> a.isAny() || a.isLoopback());
        Set<IpAddress> forNodePorts = shown.isEmpty() ? primary : shown;
        List<Cidr> pods =
                options.clusterCidrs().isEmpty() ? api.podCidrs() : options.clusterCidrs();
        Set<Integer> ports = new HashSet<>(api.agentPorts());
        ports.addAll(statusPorts);
        return snapshot.withNode(
                api.withAddresses(machine, primary)
                        .withNodePortAddresses(
                                options.nodePortAddresses().choose(machine, forNodePorts))
                        .withServiceCidrs(serviceCidrs(api))
                        .withPodCidrs(pods, api.ownPodCidrs())
                        .withAgentPorts(ports));
    }

    /// A range that holds an address of this machine is none of VIPs: made local, it would cut the
    /// node off.
    private List<Cidr> serviceCidrs(NodeNetwork api) {
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
}
