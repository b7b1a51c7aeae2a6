package io.fairlead.k8s.watch;

import static io.fairlead.k8s.testing.ApiObjects.node;
import static io.fairlead.k8s.testing.ApiObjects.service;
import static io.fairlead.k8s.testing.ApiObjects.slice;
import static io.fairlead.k8s.testing.Await.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.testing.FakeApiServer;
import io.fairlead.k8s.testing.LogLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The last state, kept for a start while the API server is away.
class CheckpointTest {

    private static final ApiScope SCOPE = ApiScope.ofNode("n1");

    @TempDir private Path folder;

    private final List<ClusterUpdate> updates = new CopyOnWriteArrayList<>();
    private FakeApiServer api;

    @BeforeEach
    void aCluster() throws IOException {
        api = new FakeApiServer();
        api.put("services", "web", service("10.96.0.1", 80));
        api.put("services", "more", service("10.96.0.2", 80));
        api.put("endpointslices", "web-1", slice("web", "10.1.0.1", 8080));
        api.put("nodes", "n1", node("a"));
    }

    @AfterEach
    void end() {
        api.close();
    }

    private ApiWatch watch(ApiScope scope, WatchOptions options) {
        ApiAccess access = ApiAccess.servers(List.of(api.uri()), folder);
        return ApiWatch.start(() -> access, scope, options, folder, updates::add);
    }

    private ApiWatch watch() {
        return watch(SCOPE, WatchOptions.DEFAULT);
    }

    private Path file() {
        return folder.resolve("checkpoint.json");
    }

    /// The last state of an agent that ended, and the API server gone after it.
    private ClusterState lastStateOfAnAgent() {
        try (ApiWatch _ = watch()) {
            until("there is a state", () -> !updates.isEmpty());
        }
        ClusterState state = updates.getLast().state();
        updates.clear();
        api.goAway();
        return state;
    }

    @Test
    void everyFactOfTheManifestsOfTheRulesSurvives() throws IOException {
        Checkpoint checkpoint = new Checkpoint(file(), SCOPE);
        List<Path> manifests;
        try (Stream<Path> files = Files.walk(Path.of("src/test/resources/rules"))) {
            manifests = files.filter(f -> f.endsWith("cluster.yaml")).toList();
        }
        assertThat(manifests).hasSizeGreaterThan(80);
        for (Path manifest : manifests) {
            Path rule = Objects.requireNonNull(manifest.getParent());
            ClusterState state = ManifestFolder.read(rule).state();
            checkpoint.write(state, Instant.EPOCH);
            assertThat(checkpoint.read())
                    .as("%s", rule)
                    .isNotNull()
                    .satisfies(content -> {
                        assertThat(content.state()).isEqualTo(state);
                        assertThat(content.written()).isEqualTo(Instant.EPOCH);
                    });
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).as("nothing half-written stays").containsExactly(file());
        }
    }

    @Test
    void isServedWhileTheApiServerIsAwayAndThenBroughtUpToDate() throws IOException {
        ClusterState before = lastStateOfAnAgent();
        try (ApiWatch watch = watch()) {
            until("it is served", () -> !updates.isEmpty());
            assertThat(updates.getFirst().state()).isEqualTo(before);
            assertThat(updates.getFirst().problems())
                    .singleElement()
                    .extracting(Problem::object)
                    .isEqualTo("API server");
            assertThat(watch.status().stale()).isTrue();
            api.delete("services", "more");
            api.comeBack();
            until("it is confirmed", () -> !watch.status().stale());
            assertThat(updates).hasSize(2);
            ClusterState after = updates.getLast().state();
            assertThat(updates.getLast().problems()).isEmpty();
            assertThat(after.services().size()).isEqualTo(1);
            // What did not change is the very same object: nothing of it is touched.
            ClusterState stale = updates.getFirst().state();
            after.objects()
                    .forEach(object -> assertThat(stale.object(object.key())).isSameAs(object));
        }
    }

    @Test
    void anEmptyListAfterItIsHeldBackToo() throws IOException {
        ClusterState before = lastStateOfAnAgent();
        api.delete("services", "web");
        api.delete("services", "more");
        api.comeBack();
        try (ApiWatch watch = watch()) {
            until("all is listed", () -> updates.size() == 2);
            assertThat(updates.getLast().state()).isEqualTo(before);
            assertThat(watch.status().held()).hasSize(1);
        }
    }

    @Test
    void aFollowedChangeIsWrittenInItsTurn() throws IOException {
        try (ApiWatch _ = watch()) {
            until("the first is written", () -> Files.exists(file()));
        }
        assertThat(Files.readString(file())).contains("10.96.0.2");
        updates.clear();
        try (ApiWatch _ = watch()) {
            until("it has the state of now", () -> updates.size() == 2);
            api.delete("services", "more");
            until("the change arrives", () -> updates.getLast().state().services().size() == 1);
        }
        assertThat(Files.readString(file())).as("at the end at last").doesNotContain("10.96.0.2");
    }

    @Test
    void thatOfAnotherNodeOrProxyIsIgnored() {
        lastStateOfAnAgent();
        isIgnored(ApiScope.ofNode("n2"), "it is of node 'n1', not of node 'n2'");
        isIgnored(new ApiScope("n1", "other"), "with service-proxy-name 'other'");
    }

    @Test
    void oneOfAnotherVersionIsIgnored() throws IOException {
        lastStateOfAnAgent();
        Files.writeString(
                file(),
                Files.readString(file()).replace("\"version\":1", "\"version\":2,\"new\":3"));
        isIgnored(SCOPE, "it is of version 2, not 1");
    }

    @Test
    void aBrokenOneIsIgnored() throws IOException {
        lastStateOfAnAgent();
        String whole = Files.readString(file());
        for (String broken :
                List.of(
                        whole.substring(0, whole.length() / 2),
                        whole.replace("10.96.0.1", "10.96.0.1000"),
                        whole.replace("\"endpoints\"", "\"endprints\""),
                        "")) {
            Files.writeString(file(), broken);
            isIgnored(SCOPE, "it is broken");
        }
    }

    private void isIgnored(ApiScope scope, String why) {
        try (LogLines log = new LogLines();
                ApiWatch watch = watch(scope, WatchOptions.DEFAULT)) {
            until("it is said", () -> !log.with("checkpoint").isEmpty());
            assertThat(log.with("checkpoint"))
                    .singleElement()
                    .asString()
                    .contains(file().toString(), why);
            assertThat(log.hasStackTrace()).isFalse();
            assertThat(updates).isEmpty();
            assertThat(watch.status().stale()).isFalse();
        }
    }

    @Test
    void withoutTheOptionThereIsNone() {
        try (ApiWatch _ = watch(SCOPE, WatchOptions.DEFAULT.withCheckpoint(false))) {
            until("there is a state", () -> !updates.isEmpty());
        }
        assertThat(file()).doesNotExist();
    }
}
