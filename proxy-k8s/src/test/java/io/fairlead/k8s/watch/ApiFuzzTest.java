package io.fairlead.k8s.watch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fairlead.k8s.cluster.ClusterObject;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.local.Localiser;
import io.fairlead.lab.Fuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What an API server says, whoever wrote it there, and the files that say how to reach one: each
/// is read, or refused in one line.
class ApiFuzzTest {

    private static final KubernetesSerialization MODEL = new KubernetesSerialization();

    private static final String SERVICE =
            """
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"default","uid":"u",\
            "creationTimestamp":"2026-01-01T00:00:00Z","annotations":{"fairlead.io/balance":"maglev",\
            "fairlead.io/drain":"30s","fairlead.io/max-connections":"100","fairlead.io/proxy-protocol":"v2",\
            "fairlead.io/hash-balance-factor":"125","fairlead.io/access-log":"true"}},\
            "spec":{"type":"LoadBalancer","clusterIP":"10.96.0.1","clusterIPs":["10.96.0.1","fd00::1"],\
            "ipFamilies":["IPv4","IPv6"],"externalIPs":["198.51.100.7"],"sessionAffinity":"ClientIP",\
            "sessionAffinityConfig":{"clientIP":{"timeoutSeconds":100}},"healthCheckNodePort":32000,\
            "loadBalancerSourceRanges":["10.0.0.0/8"],"externalTrafficPolicy":"Local",\
            "ports":[{"name":"http","port":80,"nodePort":30080,"protocol":"TCP","targetPort":"web"}]},\
            "status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.1","ipMode":"VIP"}]}}}\
            """;
    private static final String SLICE =
            """
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"web-1",\
            "namespace":"default","uid":"s","labels":{"kubernetes.io/service-name":"web"},\
            "annotations":{"fairlead.io/weight":"3",\
            "endpoints.kubernetes.io/last-change-trigger-time":"2026-01-01T00:00:00Z"}},\
            "addressType":"IPv4","ports":[{"name":"http","port":8080,"protocol":"TCP"}],\
            "endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true,"serving":true,\
            "terminating":false},"nodeName":"n1","zone":"a","hints":{"forZones":[{"name":"a"}],\
            "forNodes":[{"name":"n1"}]}}]}\
            """;
    private static final String NODE =
            """
            {"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","uid":"n",\
            "labels":{"topology.kubernetes.io/zone":"a"}},"spec":{"podCIDRs":["10.244.1.0/24"],\
            "taints":[{"key":"ToBeDeletedByClusterAutoscaler","effect":"NoSchedule"}]},\
            "status":{"addresses":[{"type":"InternalIP","address":"192.0.2.1"}]}}\
            """;
    private static final String KUBECONFIG =
            """
            apiVersion: v1
            kind: Config
            clusters:
            - name: c
              cluster: {server: "https://192.0.2.1:6443"}
            contexts:
            - name: x
              context: {cluster: c, user: u}
            current-context: x
            users:
            - name: u
              user: {token: secret}
            """;

    @TempDir private Path folder;
    private Path file;

    @BeforeEach
    void file() {
        file = folder.resolve("file");
    }

    /// @param resource that an object of this text is of
    record Row(String good, ApiResource<? extends HasMetadata> resource, Class<?> type) {
        @Override
        public String toString() {
            return resource.plural();
        }
    }

    static List<Row> rows() {
        return List.of(
                new Row(SERVICE, ApiResource.services(null), Service.class),
                new Row(SLICE, ApiResource.slices(), EndpointSlice.class),
                new Row(NODE, ApiResource.node("n1"), Node.class));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void anObjectOfTheApi(Row row) throws Exception {
        Fuzz.Result result =
                new Fuzz(row.good)
                        .feed(
                                1,
                                bytes -> {
                                    @Nullable HasMetadata object = read(bytes, row.type);
                                    return object != null && isApplied(object, row.resource);
                                });
        assertThat(result.taken()).isBetween(result.all() / 50, result.all() - 1);
    }

    /// As the client reads it; null where it does not.
    private static @Nullable HasMetadata read(byte[] bytes, Class<?> type) {
        try {
            Object object = MODEL.unmarshal(new String(bytes, UTF_8), type);
            return object instanceof HasMetadata named
                            && named.getMetadata() != null
                            && named.getMetadata().getName() != null
                            && (named instanceof Node || named.getMetadata().getNamespace() != null)
                    ? named
                    : null;
        } catch (RuntimeException _) {
            return null; // of the client's own parsers; it takes the watch for broken
        }
    }

    @SuppressWarnings("unchecked") // the row has both
    private static <T extends HasMetadata> boolean isApplied(
            HasMetadata object, ApiResource<T> resource) {
        ApiChange change = resource.said((T) object);
        @Nullable ClusterObject facts = ((ApiChange.Said) change).object();
        if (facts == null) {
            return false;
        }
        var _ = Localiser.localise(ClusterState.EMPTY.with(facts), LocalOptions.forNode("n1"));
        return true;
    }

    @Test
    void aKubeconfig() throws Exception {
        Fuzz.Result result =
                new Fuzz(KUBECONFIG)
                        .feed(
                                1,
                                bytes -> {
                                    Files.write(file, bytes);
                                    try {
                                        Kubeconfig.read(file);
                                        return true;
                                    } catch (IOException e) {
                                        assertThat(e.getMessage()).isNotBlank();
                                        return false;
                                    }
                                });
        assertThat(result.taken()).isBetween(result.all() / 50, result.all() - 1);
    }

    @Test
    void aCheckpoint() throws Exception {
        ApiScope scope = ApiScope.ofNode("n1");
        Checkpoint checkpoint = new Checkpoint(file, scope);
        ClusterState state = ClusterState.EMPTY;
        for (Row row : rows()) {
            HasMetadata object = read(row.good.getBytes(UTF_8), row.type);
            assertThat(object).isNotNull();
            state = state.with(facts(object, row.resource));
        }
        checkpoint.write(state, Instant.EPOCH);
        Fuzz.Result result =
                new Fuzz(Files.readString(file))
                        .feed(
                                1,
                                bytes -> {
                                    Files.write(file, bytes);
                                    return checkpoint.read() != null;
                                });
        assertThat(result.taken()).isBetween(result.all() / 100, result.all() - 1);
    }

    @SuppressWarnings("unchecked") // the row has both
    private static <T extends HasMetadata> ClusterObject facts(
            @Nullable HasMetadata object, ApiResource<T> resource) {
        ApiChange change = resource.said((T) requireNonNull(object));
        return requireNonNull(((ApiChange.Said) change).object());
    }
}
