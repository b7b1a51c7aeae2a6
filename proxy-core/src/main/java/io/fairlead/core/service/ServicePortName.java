package io.fairlead.core.service;

import java.util.Comparator;

/// The identity of a service port (SEMANTICS A2.2), of one IP family.
///
/// @param namespace namespace of the Service
/// @param service name of the Service
/// @param port name of the port; empty where a Service has a single unnamed one
public record ServicePortName(
        String namespace, String service, String port, Protocol protocol, IpFamily family)
        implements Comparable<ServicePortName> {

    private static final Comparator<ServicePortName> ORDER =
            Comparator.comparing(ServicePortName::namespace)
                    .thenComparing(ServicePortName::service)
                    .thenComparing(ServicePortName::port)
                    .thenComparing(ServicePortName::protocol)
                    .thenComparing(ServicePortName::family);

    /// `namespace/service`, as kubectl users write it.
    public String qualifiedService() {
        return namespace + "/" + service;
    }

    @Override
    public int compareTo(ServicePortName other) {
        return ORDER.compare(this, other);
    }

    /// `namespace/service:port/TCP/IPv4`, without the colon where the port has no name.
    @Override
    public String toString() {
        return qualifiedService()
                + (port.isEmpty() ? "" : ":" + port)
                + "/"
                + protocol
                + (family == IpFamily.IPV4 ? "/IPv4" : "/IPv6");
    }
}
