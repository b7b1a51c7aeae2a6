package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHints;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fairlead.core.service.BackendSpec;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.k8s.cluster.Endpoint;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.cluster.SlicePort;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An EndpointSlice to its facts.
final class SliceMapper {
    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final String HEADLESS = "service.kubernetes.io/headless";
    private static final String WEIGHT = "fairlead.io/weight";
    private static final String TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";

    private SliceMapper() {}

    /// Null for a slice that can be of no use: of no Service, or of names instead of addresses.
    static @Nullable EndpointSliceSpec map(
            ObjectName name, EndpointSlice slice, FieldReader reader) {
        Map<String, String> labels = ServiceMapper.orEmpty(slice.getMetadata().getLabels());
        String service = labels.get(SERVICE_NAME);
        if (service == null || service.isEmpty()) {
            reader.problem(
                    "metadata.labels[" + SERVICE_NAME + "]",
                    "absent; the slice is ignored, name the Service that it belongs to");
            return null;
        }
        IpFamily family = family(slice.getAddressType(), reader);
        if (family == null) {
            return null;
        }
        return new EndpointSliceSpec(
                name,
                new ObjectName(name.namespace(), service),
                family,
                new EndpointSliceSpec.SliceTraits(
                        labels.containsKey(HEADLESS),
                        weight(slice.getMetadata().getAnnotations(), reader),
                        trigger(slice.getMetadata().getAnnotations())),
                ports(slice.getPorts(), reader),
                endpoints(slice, family, reader));
    }

    private static @Nullable IpFamily family(@Nullable String value, FieldReader reader) {
        // Nothing says what a slice of host names means to a proxy (SEMANTICS A3.2).
        if ("FQDN".equals(value)) {
            return null;
        }
        if (value == null || value.isEmpty()) {
            reader.problem(
                    "addressType", "absent; the slice is ignored, write addressType: IPv4 or IPv6");
            return null;
        }
        return AddressMapper.family("addressType", value, reader);
    }

    private static int weight(@Nullable Map<String, String> annotations, FieldReader reader) {
        String value = ServiceMapper.orEmpty(annotations).get(WEIGHT);
        if (value == null) {
            return BackendSpec.DEFAULT_WEIGHT;
        }
        int weight = ServiceMapper.smallNumber(value);
        if (weight < 1 || weight > BackendSpec.MAX_WEIGHT) {
            reader.problem(
                    "metadata.annotations[" + WEIGHT + "]",
                    "%s is not within 1 and %d; %d is used instead"
                            .formatted(
                                    Problem.quote(value),
                                    BackendSpec.MAX_WEIGHT,
                                    BackendSpec.DEFAULT_WEIGHT));
            return BackendSpec.DEFAULT_WEIGHT;
        }
        return weight;
    }

    /// Written by the control plane for those who measure; unreadable, it is no trouble to anybody.
    private static @Nullable Instant trigger(@Nullable Map<String, String> annotations) {
        String value = ServiceMapper.orEmpty(annotations).get(TRIGGER_TIME);
        try {
            return value == null ? null : OffsetDateTime.parse(value).toInstant();
        } catch (DateTimeParseException _) {
            return null;
        }
    }

    private static List<SlicePort> ports(@Nullable List<EndpointPort> ports, FieldReader reader) {
        List<SlicePort> usable = new ArrayList<>();
        reader.each(
                "ports",
                ports,
                (field, port) -> {
                    SlicePort mapped = port(field, port, reader);
                    if (mapped != null) {
                        usable.add(mapped);
                    }
                });
        return usable;
    }

    private static @Nullable SlicePort port(String field, EndpointPort port, FieldReader reader) {
        Protocol protocol = reader.protocol(field + ".protocol", port.getProtocol());
        int number = reader.port(field + ".port", port.getPort());
        if (port.getPort() == null || port.getPort() == 0) {
            reader.problem(field + ".port", "absent; the port is ignored, give it a number");
        }
        if (port.getName() == null) {
            reader.problem(
                    field + ".name",
                    "absent; the port is ignored, give it the name of the Service's port, or \"\""
                            + " where that has none");
            return null;
        }
        return protocol == null || number == 0
                ? null
                : new SlicePort(port.getName(), protocol, number);
    }

    private static List<Endpoint> endpoints(
            EndpointSlice slice, IpFamily family, FieldReader reader) {
        List<Endpoint> endpoints = new ArrayList<>();
        reader.each(
                "endpoints",
                slice.getEndpoints(),
                (field, endpoint) -> {
                    IpAddress address = address(field, endpoint.getAddresses(), family, reader);
                    if (address != null) {
                        endpoints.add(
                                new Endpoint(
                                        ServiceMapper.index(field),
                                        address,
                                        endpoint.getNodeName(),
                                        conditions(endpoint.getConditions()),
                                        hints(endpoint.getHints())));
                    }
                });
        return endpoints;
    }

    /// Only the first address counts (SEMANTICS A3.3).
    private static @Nullable IpAddress address(
            String endpoint,
            @Nullable List<String> addresses,
            IpFamily family,
            FieldReader reader) {
        String field = endpoint + ".addresses[0]";
        String first = addresses == null || addresses.isEmpty() ? null : addresses.getFirst();
        if (first == null || first.isEmpty()) {
            reader.problem(
                    endpoint + ".addresses", "none; the endpoint is ignored, give it an address");
            return null;
        }
        IpAddress address = reader.address(field, first);
        if (address != null && address.family() != family) {
            reader.problem(
                    field,
                    "%s is not of the slice's addressType; the endpoint is ignored, put it into a"
                                    .formatted(Problem.quote(address.toString()))
                            + " slice of its own family");
            return null;
        }
        return address;
    }

    private static Endpoint.Conditions conditions(@Nullable EndpointConditions conditions) {
        return conditions == null
                ? Endpoint.Conditions.UNKNOWN
                : new Endpoint.Conditions(
                        conditions.getReady(),
                        conditions.getServing(),
                        conditions.getTerminating());
    }

    private static Endpoint.Hints hints(@Nullable EndpointHints hints) {
        if (hints == null) {
            return Endpoint.Hints.NONE;
        }
        Set<String> zones = new HashSet<>();
        Set<String> nodes = new HashSet<>();
        if (hints.getForZones() != null) {
            hints.getForZones().forEach(z -> addName(zones, z == null ? null : z.getName()));
        }
        if (hints.getForNodes() != null) {
            hints.getForNodes().forEach(n -> addName(nodes, n == null ? null : n.getName()));
        }
        return zones.isEmpty() && nodes.isEmpty()
                ? Endpoint.Hints.NONE
                : new Endpoint.Hints(zones, nodes);
    }

    private static void addName(Set<String> to, @Nullable String name) {
        if (name != null) {
            to.add(name);
        }
    }
}
