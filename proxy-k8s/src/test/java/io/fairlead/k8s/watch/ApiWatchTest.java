package io.fairlead.k8s.watch;

import static io.fairlead.k8s.testing.ApiObjects.node;
import static io.fairlead.k8s.testing.ApiObjects.service;
import static io.fairlead.k8s.testing.ApiObjects.serviceCidr;
import static io.fairlead.k8s.testing.ApiObjects.slice;
import static io.fairlead.k8s.testing.Await.until;
import static io.fairlead.k8s.watch.Manifests.clusterIp;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.testing.FakeApiServer;
import io.fairlead.k8s.testing.FakeApiServer.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The API server as a source, against one that does what it is told.
class ApiWatchTest {

    @TempDir private Path folder;

    private final List<ClusterUpdate> updates = new CopyOnWriteArrayList<>();
    private FakeApiServer api;

    @BeforeEach
    void aCluster() throws IOException {
        api = new FakeApiServer();
        api.put("services", "web", service("10.96.0.1", 80));
        api.put("endpointslices", "web-1", slice("web", "10.1.0.1", 8080));
        api.put("nodes", "n1", node("a"));
        api.put("servicecidrs", "kubernetes", serviceCidr("10.96.0.0/12"));
    }

    @AfterEach
    void end() {
        api.close();
    }

    private ApiWatch watch() {
        return watch(ApiScope.ofNode("n1"));
    }

    private ApiWatch watch(ApiScope scope) {
        ApiAccess access = ApiAccess.servers(List.of(api.uri()), folder);
        return ApiWatch.start(() -> access, scope, WatchOptions.DEFAULT, folder, updates::add);
    }

    private ClusterState state() {
        return updates.isEmpty() ? ClusterState.EMPTY : updates.getLast().state();
    }

    private void untilState(String what, Predicate<ClusterState> condition) {
        until(what, () -> condition.test(state()));
    }

    private void untilWatching() {
        until(
                "all is watched",
                () ->
                        List.of("services", "endpointslices", "nodes", "servicecidrs").stream()
                                .allMatch(r -> api.watches(r) > 0));
    }

    private boolean isWeb(String clusterIp) {
        return clusterIp.equals(clusterIp(state(), "web"));
    }

    private List<String> backends() {
        return state().slices()
                .values()
                .flatMap(s -> s.endpoints().stream())
                .map(e -> e.address().toString())
                .sorted()
                .toList();
    }

    @Test
    void a1_8_nothingIsHandedOnBeforeAllIsListed() {
        CountDownLatch slices = api.hold("endpointslices");
        CountDownLatch nodes = api.hold("nodes");
        try (ApiWatch _ = watch()) {
            until("Services are watched", () -> api.watches("services") > 0);
            nodes.countDown();
            until("the Node is watched", () -> api.watches("nodes") > 0);
            api.put("services", "more", service("10.96.0.2", 80));
            assertThat(updates).isEmpty();
            slices.countDown();
            untilState("both Services are there", s -> s.services().size() == 2);
            ClusterState first = updates.getFirst().state();
            assertThat(first.slices().size()).isEqualTo(1);
            assertThat(Objects.requireNonNull(first.node("n1")).zone()).isEqualTo("a");
            untilState("the ranges are there", s -> s.serviceCidrs().size() == 1);
        }
    }

    @Test
    void followsEachKindOfChange() {
        try (ApiWatch watch = watch()) {
            untilState("the first state", s -> s.size() == 4);
            untilWatching();
            api.put("services", "more", service("10.96.0.2", 80));
            untilState("it is added", s -> s.services().size() == 2);
            api.put("services", "web", service("10.96.0.9", 80));
            until("it is changed", () -> isWeb("10.96.0.9"));
            api.put("endpointslices", "web-1", slice("web", "10.1.0.7", 8080));
            until("the endpoint moves", () -> backends().equals(List.of("10.1.0.7")));
            api.delete("services", "more");
            untilState("it is deleted", s -> s.services().size() == 1);
            api.put("nodes", "n1", node("b"));
            untilState(
                    "the zone changes",
                    s -> "b".equals(Objects.requireNonNull(s.node("n1")).zone()));
            until("it knows that it watches", () -> watch.status().watching());
            assertThat(watch.status().contactAge()).isLessThan(Duration.ofMinutes(1));
        }
    }

    @Test
    void a1_1_to_a1_5_asksForExactlyWhatIsNeeded() {
        try (ApiWatch _ = watch()) {
            untilWatching();
        }
        assertThat(api.requests())
                .allSatisfy(r -> {
                    switch (r.resource()) {
                        case "services" -> {
                            assertThat(r.parameter("labelSelector"))
                                    .isEqualTo("!service.kubernetes.io/service-proxy-name");
                            assertThat(r.parameter("fieldSelector"))
                                    .isEqualTo("spec.clusterIP!=None");
                        }
                        case "endpointslices" ->
                                assertThat(r.parameter("labelSelector"))
                                        .isEqualTo("!service.kubernetes.io/headless");
                        case "nodes" ->
                                assertThat(r.parameter("fieldSelector"))
                                        .isEqualTo("metadata.name=n1");
                        default -> assertThat(r.resource()).isEqualTo("servicecidrs");
                    }
                });
    }

    @Test
    void a1_2_withAProxyNameAsksForThatAlone() {
        try (ApiWatch _ = watch(new ApiScope("n1", "fairlead"))) {
            untilWatching();
        }
        assertThat(api.requests())
                .filteredOn(r -> r.resource().equals("services"))
                .isNotEmpty()
                .allSatisfy(r ->
                        assertThat(r.parameter("labelSelector"))
                                .isEqualTo("service.kubernetes.io/service-proxy-name=fairlead"));
    }

    @Test
    void anUnreadableFieldIsReportedUntilItIsMended() {
        try (ApiWatch _ = watch()) {
            untilState("the first state", s -> s.size() == 4);
            untilWatching();
            api.put("services", "web", service("nonsense", 80));
            until("it is reported", () -> !updates.getLast().problems().isEmpty());
            assertThat(updates.getLast().problems().getFirst().object())
                    .isEqualTo("Service default/web");
            api.put("services", "web", service("10.96.0.1", 80));
            until("it is mended", () -> updates.getLast().problems().isEmpty());
        }
    }

    @Test
    void a1_11_whatWasDeletedDuringAnOutageIsRemoved() throws IOException {
        api.put("services", "gone", service("10.96.0.2", 80));
        api.put("endpointslices", "web-2", slice("web", "10.1.0.2", 8080));
        try (ApiWatch _ = watch()) {
            untilState("the first state", s -> s.size() == 6);
            api.goAway();
            int before = updates.size();
            api.delete("services", "gone");
            api.delete("endpointslices", "web-2");
            api.compact();
            // a1_10: as long as it is away, the last state stays.
            assertThat(updates).hasSize(before);
            api.comeBack();
            untilState("they are gone", s -> s.size() == 4);
            assertThat(isWeb("10.96.0.1")).isTrue();
            assertThat(backends()).containsExactly("10.1.0.1");
            untilWatching();
            api.put("services", "web", service("10.96.0.9", 80));
            until("news comes again", () -> isWeb("10.96.0.9"));
        }
    }

    @Test
    void goneLeadsToANewList() {
        try (ApiWatch _ = watch()) {
            untilState("the first state", s -> s.size() == 4);
            untilWatching();
            long lists = api.count("list", "services");
            api.silently(() -> api.put("services", "web", service("10.96.0.9", 80)));
            api.compact();
            api.sendGone("services");
            until("the missed change arrives", () -> isWeb("10.96.0.9"));
            assertThat(api.count("list", "services")).isGreaterThan(lists);
        }
    }

    @Test
    void anEmptyListIsHeldBackUntilItsTimeHasComeOrTheObjectsHave() {
        AtomicLong clock = new AtomicLong();
        ApiAccess access = ApiAccess.servers(List.of(api.uri()), folder);
        try (ApiWatch watch =
                ApiWatch.start(
                        () -> access,
                        ApiScope.ofNode("n1"),
                        WatchOptions.DEFAULT,
                        folder,
                        clock::get,
                        updates::add)) {
            untilState("the first state", s -> s.size() == 4);
            untilWatching();
            ClusterState before = state();
            emptyList("services");
            until("it is reported", () -> !updates.getLast().problems().isEmpty());
            assertThat(state()).isSameAs(before);
            assertThat(watch.status().held()).containsOnlyKeys(ObjectKey.Kind.SERVICE);
            api.put("services", "web", service("10.96.0.1", 80));
            until("it is over", () -> updates.getLast().problems().isEmpty());
            assertThat(state()).isSameAs(before);

            emptyList("endpointslices");
            until("it is reported", () -> !updates.getLast().problems().isEmpty());
            clock.addAndGet(TimeUnit.SECONDS.toNanos(60));
            untilState("it is believed", s -> s.slices().size() == 0);
            assertThat(state().services().size()).isEqualTo(1);
        }
    }

    private void emptyList(String resource) {
        String name = resource.equals("services") ? "web" : "web-1";
        api.silently(() -> api.delete(resource, name));
        api.compact();
        api.sendGone(resource);
    }

    @Test
    void anApiServerThatIsAwayAtStartIsWaitedFor() throws IOException {
        api.goAway();
        try (ApiWatch _ = watch()) {
            assertThat(updates).isEmpty();
            api.comeBack();
            untilState("the first state", s -> s.services().size() == 1);
        }
    }

    @Test
    void duplicatesAndDisorderEndInTheSameState() {
        try (ApiWatch _ = watch()) {
            untilState("the first state", s -> s.size() == 4);
            untilWatching();
            // Of what was never added, twice the same, and back to what was.
            api.sendEvent("services", "DELETED", "never", service("10.96.0.3", 80));
            api.sendEvent("services", "MODIFIED", "new", service("10.96.0.4", 80));
            api.sendEvent("services", "ADDED", "new", service("10.96.0.4", 80));
            api.sendEvent("services", "ADDED", "new", service("10.96.0.4", 80));
            api.sendEvent("services", "DELETED", "new", service("10.96.0.4", 80));
            api.sendEvent("services", "DELETED", "new", service("10.96.0.4", 80));
            api.put("services", "last", service("10.96.0.5", 80));
            untilState("all of it was read", s -> "10.96.0.5".equals(clusterIp(s, "last")));
            assertThat(state().services().size()).isEqualTo(2);
        }
    }

    @Test
    void halfALineAndErrorEventsOnlyCostAReconnection() {
        try (ApiWatch _ = watch()) {
            untilState("the first state", s -> s.size() == 4);
            untilWatching();
            api.send("services", "{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Serv");
            api.endWatches("services");
            api.put("services", "web", service("10.96.0.9", 80));
            until("the change arrives", () -> isWeb("10.96.0.9"));
            until("it is watched again", () -> api.watches("services") > 0);
            api.sendError("services", 500);
            api.put("services", "web", service("10.96.0.8", 80));
            until("the next arrives too", () -> isWeb("10.96.0.8"));
        }
    }

    @Test
    void refusalsAreTriedAgain() {
        api.refuse("list", "services", new Refusal(429, 1), new Refusal(500, 0));
        api.refuse("list", "nodes", new Refusal(403, 0), new Refusal(403, 0));
        api.refuse("watch", "endpointslices", new Refusal(403, 0), new Refusal(503, 0));
        try (ApiWatch _ = watch()) {
            untilState("the first state", s -> s.services().size() == 1);
            untilWatching();
            assertThat(api.refused()).isEqualTo(6);
        }
    }

    @Test
    void a1_5_noServiceCidrsDisturbNothing() {
        for (int status : List.of(403, 404)) {
            updates.clear();
            int before = api.refused();
            api.refuse("list", "servicecidrs", new Refusal(status, 0));
            try (ApiWatch _ = watch()) {
                untilState("the first state", s -> s.services().size() == 1);
                until("its absence was seen", () -> api.refused() > before);
                assertThat(state().serviceCidrs()).isEmpty();
            }
        }
    }

    @Test
    void aBookmarkIsNoNews() {
        try (ApiWatch _ = watch()) {
            untilState("the first state", s -> s.size() == 4);
            untilWatching();
            int before = updates.size();
            api.bookmark("services");
            api.put("services", "web", service("10.96.0.9", 80));
            until("the change arrives", () -> isWeb("10.96.0.9"));
            assertThat(updates).hasSize(before + 1);
        }
    }

    @Test
    void aRotatedTokenIsUsed() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "first\n");
        api.requireToken("first");
        try (ApiWatch _ = watch()) {
            untilState("the first state", s -> s.size() == 4);
            untilWatching();
            api.requireToken("second");
            api.endWatches("services");
            until("the old token is refused", () -> api.refused() > 0);
            Files.writeString(token, "second\n");
            api.put("services", "web", service("10.96.0.9", 80));
            until("the change arrives", () -> isWeb("10.96.0.9"));
        }
    }

    @Test
    void failsOverToTheNextServer() throws IOException {
        try (FakeApiServer other = new FakeApiServer()) {
            other.put("services", "web", service("10.96.0.9", 80));
            other.put("nodes", "n1", node("a"));
            ApiAccess access = ApiAccess.servers(List.of(api.uri(), other.uri()), folder);
            try (ApiWatch _ =
                    ApiWatch.start(
                            () -> access,
                            ApiScope.ofNode("n1"),
                            WatchOptions.DEFAULT,
                            folder,
                            updates::add)) {
                until("the first serves", () -> isWeb("10.96.0.1"));
                untilWatching();
                api.goAway();
                until("the second is watched", () -> other.watches("services") > 0);
                other.put("services", "web", service("10.96.0.8", 80));
                until("the second serves", () -> isWeb("10.96.0.8"));
            }
        }
    }
}
