package io.fairlead.k8s.local;

import io.fairlead.core.service.IpFamily;
import io.fairlead.k8s.cluster.ObjectName;
import java.util.Comparator;

/// A port at which a load balancer asks whether this node has endpoints of a Service (SEMANTICS
/// A12a).
///
/// @param localEndpoints addresses of ready endpoints on this node; terminating ones do not count
///   even while they serve
public record HealthCheckNodePort(ObjectName service, IpFamily family, int port, int localEndpoints)
        implements Comparable<HealthCheckNodePort> {

    private static final Comparator<HealthCheckNodePort> ORDER =
            Comparator.comparing(HealthCheckNodePort::service)
                    .thenComparing(HealthCheckNodePort::family)
                    .thenComparingInt(HealthCheckNodePort::port);

    @Override
    public int compareTo(HealthCheckNodePort other) {
        return ORDER.compare(this, other);
    }
}
