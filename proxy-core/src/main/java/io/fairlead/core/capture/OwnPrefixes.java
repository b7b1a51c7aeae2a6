package io.fairlead.core.capture;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/// The prefixes whose packets end here because VIPs are in them: service ranges, and each VIP
/// outside of those. An address that is the node's own anyway is none: its other ports are the
/// host's.
final class OwnPrefixes {

    private final Set<IpAddress> vips = new HashSet<>();
    private NodeNetwork node = NodeNetwork.EMPTY;
    private Set<Cidr> prefixes = Set.of();

    /// Takes a change in.
    ///
    /// @return whether the prefixes are others now
    boolean follow(
            NodeNetwork nextNode, Collection<IpAddress> added, Collection<IpAddress> removed) {
        vips.addAll(added);
        removed.forEach(vips::remove);
        boolean sameNode = node.equals(nextNode);
        node = nextNode;
        if (sameNode
                && added.stream().noneMatch(this::needsPrefix)
                && removed.stream().noneMatch(this::needsPrefix)) {
            return false;
        }
        Set<Cidr> next = new HashSet<>(node.serviceCidrs());
        vips.stream()
                .filter(this::needsPrefix)
                .map(vip -> new Cidr(vip, vip.family().bits()))
                .forEach(next::add);
        boolean changed = !next.equals(prefixes);
        prefixes = Set.copyOf(next);
        return changed;
    }

    private boolean needsPrefix(IpAddress vip) {
        return !vip.isLoopback() && !node.addresses().contains(vip) && !node.isInServiceCidr(vip);
    }

    Set<Cidr> prefixes() {
        return prefixes;
    }
}
