package io.fairlead.k8s;

import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.k8s.sync.Placement;
import java.util.HashSet;
import java.util.Set;

/// Where NodePorts stand when VIPs are captured by listeners without privilege: on loopback, and on
/// those of the node's addresses that are this machine's.
///
/// A Node object read from another machine's cluster has addresses that nobody here can bind.
final class LoopbackPlacement implements Placement {

    private final Set<IpAddress> machine;

    private LoopbackPlacement(Set<IpAddress> machine) {
        this.machine = machine;
    }

    static LoopbackPlacement ofThisMachine() {
        return new LoopbackPlacement(MachineAddresses.read());
    }

    @Override
    public ServiceSnapshot place(ServiceSnapshot snapshot) {
        Set<IpAddress> addresses = new HashSet<>();
        machine.stream().filter(IpAddress::isLoopback).forEach(addresses::add);
        for (IpAddress address : snapshot.node().nodePortAddresses()) {
            // All of 127.0.0.0/8 is this machine's, though interfaces list one address of it.
            if (address.isLoopback() || machine.contains(address)) {
                addresses.add(address);
            }
        }
        // Pods of a cluster elsewhere do not come here, and no range of its VIPs is this machine's.
        return snapshot.withNode(NodeNetwork.at(addresses));
    }
}
