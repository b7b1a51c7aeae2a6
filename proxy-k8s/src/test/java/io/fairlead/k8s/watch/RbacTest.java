package io.fairlead.k8s.watch;

import static io.fairlead.k8s.testing.Await.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fairlead.k8s.cluster.ClusterEvent;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.testing.FakeApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `deploy/base/rbac.yaml` grants what is asked for, and nothing else.
class RbacTest {

    private static final ClusterEvent EVENT =
            ClusterEvent.warning(
                    new ObjectKey(ObjectKey.Kind.SERVICE, new ObjectName("default", "web")),
                    "Reason",
                    "Action",
                    "");

    /// Of the built-in ClusterRole system:node-proxier in Kubernetes 1.36.
    private static final Set<String> NODE_PROXIER =
            Set.of(
                    "list  services",
                    "watch  services",
                    "get  nodes",
                    "list  nodes",
                    "watch  nodes",
                    "create  events",
                    "patch  events",
                    "update  events",
                    "create events.k8s.io events",
                    "patch events.k8s.io events",
                    "update events.k8s.io events",
                    "list discovery.k8s.io endpointslices",
                    "watch discovery.k8s.io endpointslices",
                    "list networking.k8s.io servicecidrs",
                    "watch networking.k8s.io servicecidrs");

    @TempDir private Path folder;

    @Test
    void asksForNothingThatTheBuiltInRoleOfProxiesWithholds() throws IOException {
        assertThat(NODE_PROXIER).containsAll(granted());
    }

    @Test
    void grantsExactlyWhatIsAskedFor() throws IOException {
        Set<String> asked = new TreeSet<>();
        try (FakeApiServer api = new FakeApiServer()) {
            ApiAccess access = ApiAccess.servers(List.of(api.uri()), folder);
            try (ApiWatch watch =
                    ApiWatch.start(
                            () -> access,
                            ApiScope.ofNode("n1"),
                            WatchOptions.DEFAULT,
                            folder,
                            _ -> {})) {
                until("all four are watched", () -> watched(api) == 4);
                EventQueue events = new EventQueue(true);
                watch.publish(events);
                events.offer(EVENT);
                events.offer(EVENT);
                until("created and counted", () -> api.writes().size() == 2);
            }
            api.requests().forEach(r -> asked.add(r.verb() + " " + r.group() + " " + r.resource()));
        }
        assertThat(granted()).isEqualTo(asked);
    }

    @Test
    void theBuiltInRoleOfNodeProxiesGrantsAllOfThem() throws IOException {
        // What Kubernetes 1.36 creates as ClusterRole system:node-proxier.
        assertThat(granted())
                .isSubsetOf(
                        "list  services",
                        "watch  services",
                        "list  endpoints",
                        "watch  endpoints",
                        "get  nodes",
                        "list  nodes",
                        "watch  nodes",
                        "list discovery.k8s.io endpointslices",
                        "watch discovery.k8s.io endpointslices",
                        "list networking.k8s.io servicecidrs",
                        "watch networking.k8s.io servicecidrs",
                        "create  events",
                        "patch  events",
                        "update  events",
                        "create events.k8s.io events",
                        "patch events.k8s.io events",
                        "update events.k8s.io events");
    }

    private static long watched(FakeApiServer api) {
        return List.of("services", "endpointslices", "nodes", "servicecidrs").stream()
                .filter(r -> api.watches(r) > 0)
                .count();
    }

    private static Set<String> granted() throws IOException {
        String all = Files.readString(Path.of("..", "deploy", "base", "rbac.yaml"));
        int role = all.indexOf("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n");
        ClusterRole parsed =
                new KubernetesSerialization()
                        .unmarshal(
                                all.substring(role, all.indexOf("---", role)), ClusterRole.class);
        Set<String> granted = new TreeSet<>();
        for (var rule : parsed.getRules()) {
            for (String group : rule.getApiGroups()) {
                for (String resource : rule.getResources()) {
                    rule.getVerbs().forEach(v -> granted.add(v + " " + group + " " + resource));
                }
            }
        }
        return granted;
    }
}
