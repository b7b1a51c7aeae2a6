package io.fairlead.k8s.watch;

import static io.fairlead.k8s.testing.ApiObjects.node;
import static io.fairlead.k8s.testing.ApiObjects.service;
import static io.fairlead.k8s.testing.ApiObjects.slice;
import static io.fairlead.k8s.testing.Await.until;
import static io.fairlead.k8s.watch.Manifests.clusterIp;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.testing.FakeApiServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Connections to the API server whose other end is gone without a word (SEMANTICS A1.10), on a
/// moved clock.
class ApiStallTest {

    private static final List<String> RESOURCES =
            List.of("services", "endpointslices", "nodes", "servicecidrs");

    @TempDir private Path folder;

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 7);
    private final List<ClusterUpdate> updates = new CopyOnWriteArrayList<>();
    private FakeApiServer api;

    @BeforeEach
    void aCluster() throws IOException {
        api = new FakeApiServer();
        api.put("services", "web", service("10.96.0.1", 80));
        api.put("endpointslices", "web-1", slice("web", "10.1.0.1", 8080));
        api.put("nodes", "n1", node("a"));
    }

    @AfterEach
    void end() {
        api.close();
    }

    private ApiWatch watch(URI... servers) {
        ApiAccess access = ApiAccess.servers(List.of(servers), folder);
        return ApiWatch.start(
                () -> access,
                ApiScope.ofNode("n1"),
                WatchOptions.DEFAULT,
                folder,
                clock::get,
                updates::add);
    }

    private void pass(int seconds) {
        clock.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    private void passUntilItAsksInVain() {
        List<Long> before = RESOURCES.stream().map(r -> api.count("watch", r)).toList();
        pass(65);
        // Not each: one that hears the rest of its answer only now is silent from now on.
        until(
                "it asks again",
                () ->
                        IntStream.range(0, RESOURCES.size())
                                .anyMatch(
                                        i -> api.count("watch", RESOURCES.get(i)) > before.get(i)));
    }

    private void untilWatching(ApiWatch watch) {
        until("all is watched", () -> RESOURCES.stream().allMatch(r -> api.watches(r) > 0));
        until("it knows", () -> watch.status().watching());
    }

    private boolean isWeb(String clusterIp) {
        ClusterState state = updates.isEmpty() ? ClusterState.EMPTY : updates.getLast().state();
        return clusterIp.equals(clusterIp(state, "web"));
    }

    @Test
    void a1_10_aWatchThatIsSilentIsMadeAgainWithoutAList() {
        try (ApiWatch watch = watch(api.uri())) {
            untilWatching(watch);
            long lists = api.count("list", "services");
            api.silently(() -> api.put("services", "web", service("10.96.0.9", 80)));
            pass(65);
            until("the missed change arrives", () -> isWeb("10.96.0.9"));
            assertThat(api.count("list", "services")).isEqualTo(lists);
            assertThat(watch.status().restarts().get("silent")).isPositive();
            untilWatching(watch);
        }
    }

    @Test
    void a1_10_aWatchWithBookmarksIsLeftAlone() {
        try (ApiWatch watch = watch(api.uri())) {
            untilWatching(watch);
            for (int minute = 0; minute < 3; minute++) {
                pass(60);
                for (String resource : RESOURCES) {
                    api.bookmark(resource);
                }
                // Comes after the bookmark on the same watch, so that one has been read.
                String address = "10.96.1." + minute;
                api.put("services", "web", service(address, 80));
                until("the change arrives", () -> isWeb(address));
            }
            assertThat(api.count("watch", "services")).isEqualTo(1);
        }
    }

    @Test
    void a1_10_connectionsThatLeadNowhereAreReplacedWithinNinetySeconds() {
        try (ApiWatch watch = watch(api.uri())) {
            untilWatching(watch);
            api.hang();
            passUntilItAsksInVain();
            assertThat(watch.status().watching()).isFalse();
            api.delete("services", "web");
            api.put("services", "web2", service("10.96.0.9", 80));
            // Answers that come before the connection is given up would be taken.
            pass(20);
            until(
                    "the connection is given up",
                    () -> Objects.equals(watch.status().restarts().get("connection"), 1L));
            api.answerAgain();
            until(
                    "the state is that of now",
                    () ->
                            updates.getLast().state().size() == 3
                                    && "10.96.0.9"
                                            .equals(clusterIp(updates.getLast().state(), "web2")));
            assertThat(updates).as("in one step").hasSizeLessThanOrEqualTo(3);
            assertThat(watch.status().restarts().get("connection")).isEqualTo(1);
            untilWatching(watch);
        }
    }

    @Test
    void aServerThatSaysNothingIsLeftForTheNext() throws IOException {
        try (FakeApiServer other = new FakeApiServer()) {
            other.put("services", "web", service("10.96.0.9", 80));
            other.put("endpointslices", "web-1", slice("web", "10.1.0.1", 8080));
            other.put("nodes", "n1", node("a"));
            try (ApiWatch watch = watch(api.uri(), other.uri())) {
                untilWatching(watch);
                api.hang();
                passUntilItAsksInVain();
                pass(20);
                until("the other serves", () -> isWeb("10.96.0.9"));
            }
        }
    }
}
