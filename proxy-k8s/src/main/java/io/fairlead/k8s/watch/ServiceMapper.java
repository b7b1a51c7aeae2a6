package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Protocol;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.cluster.ServicePortSpec;
import io.fairlead.k8s.cluster.ServiceSpec;
import io.fairlead.k8s.cluster.ServiceTraits;
import io.fairlead.k8s.cluster.ServiceType;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A Service to its facts.
final class ServiceMapper {
    private static final String PROXY_NAME = "service.kubernetes.io/service-proxy-name";
    private static final String BALANCE = "fairlead.io/balance";
    private static final String HASH_BALANCE_FACTOR = "fairlead.io/hash-balance-factor";

    private ServiceMapper() {}

    static ServiceSpec map(ObjectName name, Service service, FieldReader reader) {
        var spec = service.getSpec();
        if (spec == null) {
            spec = new io.fabric8.kubernetes.api.model.ServiceSpec();
        }
        ServiceType type = type(spec.getType(), reader);
        return new ServiceSpec(
                name,
                traits(service.getMetadata(), reader),
                type,
                AddressMapper.map(type, spec, service.getStatus(), reader),
                ports(spec.getPorts(), reader),
                PolicyMapper.map(spec, reader));
    }

    private static ServiceType type(@Nullable String value, FieldReader reader) {
        if (value == null || value.isEmpty()) {
            return ServiceType.CLUSTER_IP;
        }
        Optional<ServiceType> type = ServiceType.ofWord(value);
        if (type.isEmpty()) {
            reader.problem(
                    "spec.type",
                    Problem.quote(value)
                            + " is not known; it counts as ClusterIP, use ClusterIP, NodePort,"
                            + " LoadBalancer or ExternalName");
        }
        return type.orElse(ServiceType.CLUSTER_IP);
    }

    private static ServiceTraits traits(ObjectMeta meta, FieldReader reader) {
        Map<String, String> labels = orEmpty(meta.getLabels());
        Map<String, String> annotations = orEmpty(meta.getAnnotations());
        return new ServiceTraits(
                created(meta.getCreationTimestamp(), reader),
                labels.containsKey(PROXY_NAME)
                        ? Optional.ofNullable(labels.get(PROXY_NAME)).orElse("")
                        : null,
                policy(annotations.get(BALANCE), reader),
                factor(annotations.get(HASH_BALANCE_FACTOR), reader),
                FlowAnnotations.map(annotations, reader));
    }

    static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
        return map == null ? Map.of() : map;
    }

    private static @Nullable Instant created(@Nullable String value, FieldReader reader) {
        if (value == null || value.isEmpty()) {
            return null;
        }
        try {
            return Instant.parse(value);
        } catch (DateTimeException _) {
            reader.problem(
                    "metadata.creationTimestamp",
                    Problem.quote(value)
                            + " is not a time; the Service counts as the newest, write it like"
                            + " 2026-01-31T12:00:00Z");
            return null;
        }
    }

    private static Balancing.@Nullable Policy policy(@Nullable String value, FieldReader reader) {
        if (value == null) {
            return null;
        }
        Optional<Balancing.Policy> policy = Balancing.Policy.ofWord(value);
        if (policy.isEmpty()) {
            reader.problem(
                    "metadata.annotations[" + BALANCE + "]",
                    Problem.quote(value)
                            + " is not known; the default is used instead, choose"
                            + " least-connections, maglev, round-robin, random or source-hash");
        }
        return policy.orElse(null);
    }

    private static int factor(@Nullable String value, FieldReader reader) {
        if (value == null) {
            return Balancing.UNBOUNDED;
        }
        int factor = smallNumber(value);
        if (factor <= 100) {
            reader.problem(
                    "metadata.annotations[" + HASH_BALANCE_FACTOR + "]",
                    Problem.quote(value)
                            + " is not a percentage above 100; load is not bounded, write one"
                            + " such as 125");
            return Balancing.UNBOUNDED;
        }
        return factor;
    }

    /// The number in a text of up to 6 digits, or -1.
    static int smallNumber(String text) {
        boolean digits = text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits && !text.isEmpty() && text.length() <= 6 ? Integer.parseInt(text) : -1;
    }

    private static List<ServicePortSpec> ports(
            @Nullable List<ServicePort> ports, FieldReader reader) {
        List<ServicePortSpec> specs = new ArrayList<>();
        reader.each(
                "spec.ports",
                ports,
                (field, port) -> {
                    ServicePortSpec spec = port(field, index(field), port, reader);
                    if (spec != null) {
                        specs.add(spec);
                    }
                });
        return specs;
    }

    /// The index at the end of a path such as `spec.ports[3]`.
    static int index(String field) {
        return Integer.parseInt(field, field.lastIndexOf('[') + 1, field.length() - 1, 10);
    }

    private static @Nullable ServicePortSpec port(
            String field, int index, ServicePort port, FieldReader reader) {
        Protocol protocol = reader.protocol(field + ".protocol", port.getProtocol());
        int number = reader.port(field + ".port", port.getPort());
        int nodePort = reader.port(field + ".nodePort", port.getNodePort());
        if (number == 0 && (port.getPort() == null || port.getPort() == 0)) {
            reader.problem(field + ".port", "absent; the port is ignored, give it a number");
        }
        if (protocol == null || number == 0) {
            return null;
        }
        String name = port.getName() == null ? "" : port.getName();
        return new ServicePortSpec(index, name, protocol, number, nodePort);
    }
}
