package io.fairlead.core.service;

import java.util.Collection;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Everything the data plane is asked to serve at one moment: immutable, complete.
///
/// A snapshot made from another shares what did not change, and the two are compared by what they
/// do not share.
public final class ServiceSnapshot {

    /// Serves nothing.
    public static final ServiceSnapshot EMPTY =
            new ServiceSnapshot(PersistentMap.empty(), Set.of());

    private final PersistentMap<ServicePortName, ServicePort> ports;
    private final Set<IpAddress> nodeAddresses;

    private ServiceSnapshot(
            PersistentMap<ServicePortName, ServicePort> ports, Set<IpAddress> nodeAddresses) {
        this.ports = ports;
        this.nodeAddresses = nodeAddresses;
    }

    /// A snapshot of these ports.
    ///
    /// @param nodeAddresses the addresses of this node at which NodePorts are served
    /// @throws IllegalArgumentException when two ports share a name
    public static ServiceSnapshot of(Collection<ServicePort> ports, Set<IpAddress> nodeAddresses) {
        ServiceSnapshot snapshot = EMPTY.withNodeAddresses(nodeAddresses);
        for (ServicePort port : ports) {
            if (snapshot.port(port.name()) != null) {
                throw new IllegalArgumentException("twice in a snapshot: " + port.name());
            }
            snapshot = snapshot.with(port);
        }
        return snapshot;
    }

    /// The same, with a port that is new or takes the place of the one with its name.
    public ServiceSnapshot with(ServicePort port) {
        return new ServiceSnapshot(ports.with(port.name(), port), nodeAddresses);
    }

    /// The same without the port of that name.
    public ServiceSnapshot without(ServicePortName name) {
        return new ServiceSnapshot(ports.with(name, null), nodeAddresses);
    }

    /// The same ports, with NodePorts at other addresses.
    public ServiceSnapshot withNodeAddresses(Set<IpAddress> addresses) {
        return new ServiceSnapshot(ports, Set.copyOf(addresses));
    }

    /// All service ports, in no order; a list made for the caller.
    public Collection<ServicePort> ports() {
        return ports.values().toList();
    }

    public @Nullable ServicePort port(ServicePortName name) {
        return ports.get(name);
    }

    public int size() {
        return ports.size();
    }

    /// Hands out the names of the ports that are not the same object in `before`, those that are
    /// missing on one side among them.
    public void forEachChange(ServiceSnapshot before, Consumer<ServicePortName> changed) {
        ports.forEachChange(before.ports, changed);
    }

    /// The addresses of this node at which NodePorts are served, of both families.
    public Set<IpAddress> nodeAddresses() {
        return nodeAddresses;
    }

    /// Whether they say the same; goes through all that they do not share.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ServiceSnapshot snapshot
                && ports.equals(snapshot.ports)
                && nodeAddresses.equals(snapshot.nodeAddresses);
    }

    @Override
    public int hashCode() {
        return Objects.hash(ports, nodeAddresses);
    }
}
