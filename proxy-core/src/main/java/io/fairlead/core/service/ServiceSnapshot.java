package io.fairlead.core.service;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Everything the data plane is asked to serve at one moment: immutable, complete.
///
/// Snapshots that share unchanged [ServicePort] objects are compared cheaply, by identity first.
public final class ServiceSnapshot {

    /// Serves nothing.
    public static final ServiceSnapshot EMPTY = new ServiceSnapshot(Map.of(), Set.of());

    private final Map<ServicePortName, ServicePort> ports;
    private final Set<IpAddress> nodeAddresses;

    private ServiceSnapshot(Map<ServicePortName, ServicePort> ports, Set<IpAddress> nodeAddresses) {
        this.ports = ports;
        this.nodeAddresses = nodeAddresses;
    }

    /// A snapshot of these ports.
    ///
    /// @param nodeAddresses the addresses of this node at which NodePorts are served
    /// @throws IllegalArgumentException when two ports share a name
    public static ServiceSnapshot of(Collection<ServicePort> ports, Set<IpAddress> nodeAddresses) {
        Map<ServicePortName, ServicePort> byName = HashMap.newHashMap(ports.size());
        for (ServicePort port : ports) {
            if (byName.put(port.name(), port) != null) {
                throw new IllegalArgumentException("twice in a snapshot: " + port.name());
            }
        }
        return new ServiceSnapshot(Collections.unmodifiableMap(byName), Set.copyOf(nodeAddresses));
    }

    /// The same ports, with NodePorts at other addresses.
    public ServiceSnapshot withNodeAddresses(Set<IpAddress> addresses) {
        return new ServiceSnapshot(ports, Set.copyOf(addresses));
    }

    /// All service ports, in no order.
    public Collection<ServicePort> ports() {
        return ports.values();
    }

    public @Nullable ServicePort port(ServicePortName name) {
        return ports.get(name);
    }

    public int size() {
        return ports.size();
    }

    /// The addresses of this node at which NodePorts are served, of both families.
    public Set<IpAddress> nodeAddresses() {
        return nodeAddresses;
    }
}
