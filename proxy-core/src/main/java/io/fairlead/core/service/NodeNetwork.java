package io.fairlead.core.service;

import java.util.List;
import java.util.Set;

/// What serving asks of this node's network: its addresses, and the ranges of Services and pods.
///
/// @param addresses all addresses of the node itself, loopback ones as interfaces list them
/// @param primary the address of each family by which others know the node; at most one of each
/// @param nodePortAddresses those at which NodePorts are served
/// @param serviceCidrs ranges whose every address is a ClusterIP or nobody's (SEMANTICS A1.5)
/// @param podCidrs clients that count as pods (SEMANTICS A10.1); empty when nothing tells them from
///   others
/// @param ownPodCidrs pods of this very node; empty when not known
/// @param agentPorts TCP ports of this node at which the agent itself answers
public record NodeNetwork(
        Set<IpAddress> addresses,
        Set<IpAddress> primary,
        Set<IpAddress> nodePortAddresses,
        List<Cidr> serviceCidrs,
        List<Cidr> podCidrs,
        List<Cidr> ownPodCidrs,
        Set<Integer> agentPorts) {

    /// Nothing is known.
    public static final NodeNetwork EMPTY = at(Set.of());

    public NodeNetwork {
        addresses = Set.copyOf(addresses);
        primary = Set.copyOf(primary);
        nodePortAddresses = Set.copyOf(nodePortAddresses);
        serviceCidrs = serviceCidrs.stream().sorted().distinct().toList();
        podCidrs = podCidrs.stream().sorted().distinct().toList();
        ownPodCidrs = ownPodCidrs.stream().sorted().distinct().toList();
        agentPorts = Set.copyOf(agentPorts);
    }

    /// A node with these addresses, each of which serves NodePorts.
    public static NodeNetwork at(Set<IpAddress> addresses) {
        return new NodeNetwork(
                addresses, Set.of(), addresses, List.of(), List.of(), List.of(), Set.of());
    }

    public NodeNetwork withAddresses(Set<IpAddress> all, Set<IpAddress> main) {
        return new NodeNetwork(
                all, main, nodePortAddresses, serviceCidrs, podCidrs, ownPodCidrs, agentPorts);
    }

    public NodeNetwork withNodePortAddresses(Set<IpAddress> serving) {
        return new NodeNetwork(
                addresses, primary, serving, serviceCidrs, podCidrs, ownPodCidrs, agentPorts);
    }

    public NodeNetwork withServiceCidrs(List<Cidr> ranges) {
        return new NodeNetwork(
                addresses, primary, nodePortAddresses, ranges, podCidrs, ownPodCidrs, agentPorts);
    }

    /// The same with other ranges of pods.
    ///
    /// @param own those of this very node among them
    public NodeNetwork withPodCidrs(List<Cidr> ranges, List<Cidr> own) {
        return new NodeNetwork(
                addresses, primary, nodePortAddresses, serviceCidrs, ranges, own, agentPorts);
    }

    public NodeNetwork withAgentPorts(Set<Integer> ports) {
        return new NodeNetwork(
                addresses, primary, nodePortAddresses, serviceCidrs, podCidrs, ownPodCidrs, ports);
    }

    /// Whether an address is inside a service range. Allocates nothing: it is asked for each flow.
    public boolean isInServiceCidr(IpAddress address) {
        for (int i = 0; i < serviceCidrs.size(); i++) {
            if (serviceCidrs.get(i).contains(address)) {
                return true;
            }
        }
        return false;
    }
}
