package io.fairlead.k8s.cli;

import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.Vip;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.local.HealthCheckNodePort;
import io.fairlead.k8s.local.LocalView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a node would do, as `plan` prints it: the two families of a service port in one entry.
///
/// The components and their order are those of the JSON document, on which other tools rely.
record Plan(String node, @Nullable String zone, List<Port> servicePorts, List<Problem> problems) {

    /// One service port.
    ///
    /// @param internal null, as its siblings, where the Service has no VIP of the kind
    record Port(
            String service,
            String port,
            String protocol,
            List<Address> vips,
            String balance,
            @Nullable Integer sessionAffinitySeconds,
            @Nullable Backends internal,
            @Nullable Backends external,
            @Nullable Backends externalFromPodOrNode,
            @Nullable Integer healthCheckNodePort) {}

    /// A VIP; a NodePort's address is `*`.
    record Address(String kind, String address, int port) {}

    /// Backends of both families and what becomes of a client.
    record Backends(List<String> backends, String verdict) {}

    static Plan of(String node, LocalView view, List<Problem> inputProblems) {
        Map<ObjectName, Integer> healthChecks = new HashMap<>();
        for (HealthCheckNodePort check : view.healthChecks()) {
            healthChecks.put(check.service(), check.port());
        }
        Map<String, List<ServicePort>> byPort = new LinkedHashMap<>();
        for (ServicePort port : view.sortedPorts()) {
            byPort.computeIfAbsent(entryOf(port), _ -> new ArrayList<>()).add(port);
        }
        return new Plan(
                node,
                view.zone(),
                byPort.values().stream().map(families -> port(families, healthChecks)).toList(),
                Stream.concat(inputProblems.stream(), view.problems().stream())
                        .sorted()
                        .distinct()
                        .toList());
    }

    private static String entryOf(ServicePort port) {
        return port.name().qualifiedService()
                + ":"
                + port.name().port()
                + "/"
                + port.name().protocol();
    }

    private static Port port(List<ServicePort> families, Map<ObjectName, Integer> healthChecks) {
        ServicePort first = families.getFirst();
        ObjectName service = new ObjectName(first.name().namespace(), first.name().service());
        return new Port(
                service.toString(),
                first.name().port(),
                first.name().protocol().name(),
                families.stream()
                        .flatMap(f -> f.vips().stream())
                        .sorted()
                        .map(Plan::address)
                        .distinct()
                        .toList(),
                first.balancing().policy().word(),
                first.affinitySeconds().isEmpty() ? null : first.affinitySeconds().getAsInt(),
                merge(families.stream().map(ServicePort::internal)),
                merge(families.stream().map(ServicePort::external)),
                merge(families.stream().map(ServicePort::externalFromPodOrNode)),
                healthChecks.get(service));
    }

    private static Address address(Vip vip) {
        String kind =
                switch (vip.kind()) {
                    case CLUSTER_IP -> "ClusterIP";
                    case NODE_PORT -> "NodePort";
                    case LOAD_BALANCER -> "LoadBalancer";
                    case EXTERNAL_IP -> "ExternalIP";
                };
        String address = vip.kind() == Vip.Kind.NODE_PORT ? "*" : vip.address().toString();
        return new Address(kind, address, vip.port());
    }

    /// One set for both families: a family that forwards outweighs one that drops, and that one
    /// that rejects.
    private static @Nullable Backends merge(Stream<@Nullable BackendSet> families) {
        List<BackendSet> sets = families.filter(s -> s != null).toList();
        if (sets.isEmpty()) {
            return null;
        }
        BackendSet.Verdict verdict =
                Stream.of(BackendSet.Verdict.FORWARD, BackendSet.Verdict.DROP)
                        .filter(v -> sets.stream().anyMatch(s -> s.verdict() == v))
                        .findFirst()
                        .orElse(BackendSet.Verdict.REJECT);
        return new Backends(
                sets.stream()
                        .flatMap(s -> s.backends().stream())
                        .map(b -> b.at().toString())
                        .toList(),
                verdict.name().toLowerCase(Locale.ROOT));
    }
}
