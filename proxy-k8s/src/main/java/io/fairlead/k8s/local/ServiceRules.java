package io.fairlead.k8s.local;

import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.FlowSetting;
import io.fairlead.k8s.cluster.ProblemList;
import io.fairlead.k8s.cluster.ServicePortSpec;
import io.fairlead.k8s.cluster.ServiceSpec;
import io.fairlead.k8s.cluster.ServiceType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// From one Service and its slices to what this node does with it: a pure function (SEMANTICS A2 to
/// A6).
final class ServiceRules {
    private final ServiceSpec service;
    private final ThisNode node;
    private final SliceEndpoints endpoints;
    private final ProblemList problems = new ProblemList();

    private ServiceRules(ServiceSpec service, List<EndpointSliceSpec> slices, ThisNode node) {
        this.service = service;
        this.node = node;
        this.endpoints =
                SliceEndpoints.of(
                        Selection.usable(slices), node, mayUseLoopback(service, node), problems);
    }

    /// The draft of a Service that is served here.
    static ServiceDraft apply(ServiceSpec service, List<EndpointSliceSpec> slices, ThisNode node) {
        return new ServiceRules(service, slices, node).draft();
    }

    private static boolean mayUseLoopback(ServiceSpec service, ThisNode node) {
        var primary = service.addresses().clusterIps().primary();
        return node.options().allowLoopbackBackends()
                || (primary != null && primary.address().isLoopback());
    }

    private ServiceDraft draft() {
        List<ServicePortSpec> specs = distinctPorts();
        BalancingRule balancing = BalancingRule.of(service, node.options(), problems);
        List<PortDraft> ports = new ArrayList<>();
        List<HealthCheckNodePort> healthChecks = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            VipRules vips = VipRules.of(service, family, node, problems);
            if (vips == null) {
                continue;
            }
            for (ServicePortSpec spec : specs) {
                ports.add(port(spec, vips, balancing));
            }
            int healthCheck = healthCheckNodePort();
            if (healthCheck != 0) {
                int local = endpoints.localReadyAddresses(family);
                healthChecks.add(
                        new HealthCheckNodePort(service.name(), family, healthCheck, local));
            }
        }
        return new ServiceDraft(ports, healthChecks, problems.sorted());
    }

    /// The ports whose name and protocol no earlier one has (SEMANTICS A2.2).
    private List<ServicePortSpec> distinctPorts() {
        Map<String, ServicePortSpec> first = new HashMap<>();
        List<ServicePortSpec> distinct = new ArrayList<>();
        for (ServicePortSpec port : service.ports()) {
            ServicePortSpec before = first.putIfAbsent(port.name() + "/" + port.protocol(), port);
            if (before == null) {
                distinct.add(port);
            } else {
                problems.add(
                        service.key(),
                        port.field("name"),
                        "'%s' is also the name of %s port %d; this port is not served, give it"
                                        .formatted(port.name(), port.protocol(), before.port())
                                + " another name");
            }
        }
        return distinct;
    }

    private PortDraft port(ServicePortSpec spec, VipRules vips, BalancingRule balancing) {
        ServicePortName name =
                new ServicePortName(
                        service.name().namespace(),
                        service.name().name(),
                        spec.name(),
                        spec.protocol(),
                        vips.family());
        return new PortDraft(
                name,
                vips.claims(name, spec),
                sets(name, vips.isExternallyAccessible(spec)),
                new PortDraft.Choice(
                        balancing.balancing(),
                        service.policy().affinitySeconds(),
                        isExternalLocal(),
                        vips.sourceRanges(),
                        flows()));
    }

    /// What the Service says of its flows, else the node's defaults.
    private FlowRules flows() {
        FlowRules flows = node.options().flows();
        for (Map.Entry<FlowSetting, Integer> entry : service.traits().flows().entrySet()) {
            flows = entry.getKey().set(flows, entry.getValue());
        }
        return flows;
    }

    private PortDraft.Sets sets(ServicePortName name, boolean externallyAccessible) {
        EndpointSets sets =
                EndpointSets.of(
                        endpoints.candidates(name.port(), name.protocol(), name.family()), node);
        boolean internalLocal = service.policy().internalLocal();
        BackendSet cluster = sets.clusterSet();
        BackendSet local = sets.localSet();
        // Pods and this node reach every endpoint even where outsiders may only have local ones.
        boolean usesCluster = !internalLocal || externallyAccessible;
        return new PortDraft.Sets(
                internalLocal ? local : cluster,
                isExternalLocal() ? local : cluster,
                cluster,
                name.protocol() == Protocol.UDP ? sets.servingAddresses() : Set.of(),
                usesCluster ? sets.hintsIgnored() : null);
    }

    /// `externalTrafficPolicy: Local` counts only where outsiders can get in (SEMANTICS A2.6).
    private boolean isExternalLocal() {
        boolean open =
                switch (service.type()) {
                    case LOAD_BALANCER, NODE_PORT -> true;
                    case CLUSTER_IP -> !service.addresses().externalIps().isEmpty();
                    case EXTERNAL_NAME -> false;
                };
        return open && service.policy().externalLocal();
    }

    /// Only load balancers that must find nodes with endpoints ask (SEMANTICS A2.15).
    private int healthCheckNodePort() {
        if (service.type() != ServiceType.LOAD_BALANCER || !isExternalLocal()) {
            return 0;
        }
        if (service.policy().healthCheckNodePort() == 0) {
            problems.add(
                    service.key(),
                    "spec.healthCheckNodePort",
                    "absent or 0 with externalTrafficPolicy Local: no health check is served, so"
                            + " the load balancer cannot find the nodes with endpoints; set a port");
        }
        return service.policy().healthCheckNodePort();
    }
}
