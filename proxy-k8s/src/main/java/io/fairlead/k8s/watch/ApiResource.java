package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fairlead.k8s.cluster.ClusterObject;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.ProblemList;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One of the lists that a node asks the API server for.
///
/// @param blank a new object of the kind
/// @param list what to ask for
/// @param optional whether a node can do without
record ApiResource<T extends HasMetadata>(
        ObjectKey.Kind kind,
        Supplier<T> blank,
        Function<KubernetesClient, Informable<T>> list,
        Mapper<T> mapper,
        boolean optional) {

    static final String PROXY_NAME = "service.kubernetes.io/service-proxy-name";
    static final String HEADLESS = "service.kubernetes.io/headless";

    /// An object to its facts; null for one that can be of no use.
    @FunctionalInterface
    interface Mapper<T> {
        @Nullable ClusterObject map(ObjectName name, T object, FieldReader reader);
    }

    /// Headless Services never come, nor those of another proxy.
    static ApiResource<Service> services(@Nullable String proxyName) {
        return new ApiResource<>(
                ObjectKey.Kind.SERVICE,
                Service::new,
                client -> {
                    var all =
                            client.services()
                                    .inAnyNamespace()
                                    .withoutField("spec.clusterIP", "None");
                    return proxyName == null
                            ? all.withoutLabel(PROXY_NAME)
                            : all.withLabel(PROXY_NAME, proxyName);
                },
                ServiceMapper::map,
                false);
    }

    static ApiResource<EndpointSlice> slices() {
        return new ApiResource<>(
                ObjectKey.Kind.ENDPOINT_SLICE,
                EndpointSlice::new,
                client ->
                        client.discovery()
                                .v1()
                                .endpointSlices()
                                .inAnyNamespace()
                                .withoutLabel(HEADLESS),
                SliceMapper::map,
                false);
    }

    static ApiResource<Node> node(String name) {
        return new ApiResource<>(
                ObjectKey.Kind.NODE,
                Node::new,
                client -> client.nodes().withField("metadata.name", name),
                NodeMapper::map,
                false);
    }

    static ApiResource<ServiceCIDR> serviceCidrs() {
        return new ApiResource<>(
                ObjectKey.Kind.SERVICE_CIDR,
                ServiceCIDR::new,
                client -> client.resources(ServiceCIDR.class),
                NodeMapper::map,
                true);
    }

    /// The resource in paths, such as `endpointslices`.
    String plural() {
        return kind.word().toLowerCase(Locale.ROOT) + "s";
    }

    /// What an object says, in facts.
    ApiChange said(T object) {
        ObjectKey key = key(object);
        ProblemList problems = new ProblemList();
        ClusterObject facts = mapper.map(key.name(), object, new FieldReader(key, problems));
        return new ApiChange.Said(key, object.getMetadata().getUid(), facts, problems.sorted());
    }

    ObjectKey key(T object) {
        ObjectMeta meta = object.getMetadata();
        String namespace = kind.isNamespaced() ? meta.getNamespace() : "";
        return new ObjectKey(kind, new ObjectName(namespace, meta.getName()));
    }
}
