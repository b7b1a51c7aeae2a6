package io.fairlead.k8s.cluster;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.PersistentMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Everything known of the cluster at one moment: immutable, and cheap to change into its
/// successor.
///
/// A successor shares every object that did not change. It depends on the objects it holds and
/// never on the order in which they came.
///
/// @param slicesByService the slices of each Service, sorted by their names; a Service without
///   slices has no entry
public record ClusterState(
        PersistentMap<ObjectName, ServiceSpec> services,
        PersistentMap<ObjectName, EndpointSliceSpec> slices,
        PersistentMap<ObjectName, List<EndpointSliceSpec>> slicesByService,
        PersistentMap<ObjectName, NodeTopology> nodes,
        PersistentMap<ObjectName, ServiceCidr> cidrs) {

    /// Knows nothing.
    public static final ClusterState EMPTY =
            new ClusterState(
                    PersistentMap.empty(),
                    PersistentMap.empty(),
                    PersistentMap.empty(),
                    PersistentMap.empty(),
                    PersistentMap.empty());

    private static final Comparator<EndpointSliceSpec> BY_NAME =
            Comparator.comparing(EndpointSliceSpec::name);

    public @Nullable NodeTopology node(String name) {
        return nodes.get(new ObjectName("", name));
    }

    /// All service ranges, sorted.
    public List<Cidr> serviceCidrs() {
        return cidrs.values().flatMap(c -> c.ranges().stream()).sorted().distinct().toList();
    }

    public @Nullable ClusterObject object(ObjectKey key) {
        return switch (key.kind()) {
            case SERVICE -> services.get(key.name());
            case ENDPOINT_SLICE -> slices.get(key.name());
            case NODE -> nodes.get(key.name());
            case SERVICE_CIDR -> cidrs.get(key.name());
        };
    }

    /// Identities of all objects.
    public Stream<ObjectKey> keys() {
        return objects().map(ClusterObject::key);
    }

    /// All objects.
    public Stream<ClusterObject> objects() {
        return Stream.<Stream<? extends ClusterObject>>of(
                        services.values(), slices.values(), nodes.values(), cidrs.values())
                .flatMap(values -> values);
    }

    /// Number of objects.
    public int size() {
        return services.size() + slices.size() + nodes.size() + cidrs.size();
    }

    /// This state with `object` in place of the one with its key; this very state if they are
    /// equal.
    public ClusterState with(ClusterObject object) {
        ObjectKey key = object.key();
        if (object.equals(object(key))) {
            return this;
        }
        return switch (object) {
            case ServiceSpec service -> withService(key.name(), service);
            case EndpointSliceSpec slice -> withSlice(slice.name(), slice);
            case NodeTopology node -> withNode(key.name(), node);
            case ServiceCidr cidr -> withCidr(key.name(), cidr);
        };
    }

    /// This state without the object of that key.
    public ClusterState without(ObjectKey key) {
        if (object(key) == null) {
            return this;
        }
        return switch (key.kind()) {
            case SERVICE -> withService(key.name(), null);
            case ENDPOINT_SLICE -> withSlice(key.name(), null);
            case NODE -> withNode(key.name(), null);
            case SERVICE_CIDR -> withCidr(key.name(), null);
        };
    }

    private ClusterState withService(ObjectName name, @Nullable ServiceSpec service) {
        return new ClusterState(
                services.with(name, service), slices, slicesByService, nodes, cidrs);
    }

    private ClusterState withNode(ObjectName name, @Nullable NodeTopology node) {
        return new ClusterState(services, slices, slicesByService, nodes.with(name, node), cidrs);
    }

    private ClusterState withCidr(ObjectName name, @Nullable ServiceCidr cidr) {
        return new ClusterState(services, slices, slicesByService, nodes, cidrs.with(name, cidr));
    }

    private ClusterState withSlice(ObjectName name, @Nullable EndpointSliceSpec slice) {
        PersistentMap<ObjectName, List<EndpointSliceSpec>> byService = slicesByService;
        EndpointSliceSpec before = slices.get(name);
        if (before != null) {
            byService = removed(byService, before);
        }
        if (slice != null) {
            byService = added(byService, slice);
        }
        return new ClusterState(services, slices.with(name, slice), byService, nodes, cidrs);
    }

    private static PersistentMap<ObjectName, List<EndpointSliceSpec>> removed(
            PersistentMap<ObjectName, List<EndpointSliceSpec>> byService, EndpointSliceSpec gone) {
        List<EndpointSliceSpec> rest =
                Objects.requireNonNull(byService.get(gone.service())).stream()
                        .filter(s -> !s.name().equals(gone.name()))
                        .toList();
        return byService.with(gone.service(), rest.isEmpty() ? null : rest);
    }

    private static PersistentMap<ObjectName, List<EndpointSliceSpec>> added(
            PersistentMap<ObjectName, List<EndpointSliceSpec>> byService, EndpointSliceSpec slice) {
        List<EndpointSliceSpec> before = byService.get(slice.service());
        List<EndpointSliceSpec> all = new ArrayList<>(before == null ? List.of() : before);
        all.add(slice);
        all.sort(BY_NAME);
        return byService.with(slice.service(), List.copyOf(all));
    }
}
