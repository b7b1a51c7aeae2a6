package io.fairlead.k8s;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fairlead.k8s.config.Configuration;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// What `deploy` has for a cluster: each overlay is valid, least in its privileges, and as the
/// rendered file says.
class DeployTest {

    private static final Path DEPLOY = Path.of("..", "deploy");
    private static final Path OVERLAYS = DEPLOY.resolve("overlays");

    @TempDir private Path folder;

    static List<Path> overlays() throws IOException {
        try (Stream<Path> all = Files.list(OVERLAYS)) {
            return all.sorted().toList();
        }
    }

    static List<Path> all() throws IOException {
        return Stream.concat(overlays().stream(), Stream.of(DEPLOY.resolve("cleanup.yaml")))
                .toList();
    }

    private static JsonNode object(Path overlay, String kind) {
        return Kustomization.render(overlay).stream()
                .filter(o -> o.get("kind").asString().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    private static JsonNode pod(Path overlay) {
        return object(overlay, "DaemonSet").at("/spec/template/spec");
    }

    private static List<String> strings(JsonNode array) {
        return array.valueStream().map(JsonNode::asString).toList();
    }

    private Configuration configuration(Path overlay) throws Exception {
        Path file = folder.resolve("config.yaml");
        Files.writeString(file, object(overlay, "ConfigMap").at("/data/config.yaml").asString());
        return Configuration.load(file, List.of());
    }

    @Test
    void theOneFileIsTheDefaultOverlay() {
        assertThat(Kustomization.read(DEPLOY.resolve("fairlead.yaml")))
                .containsExactlyInAnyOrderElementsOf(
                        Kustomization.render(OVERLAYS.resolve("default")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fairlead.yaml",
                "overlays/monitoring/prometheus-rule.yaml",
                "overlays/monitoring/dashboard.yaml"
            })
    void whatIsMadeOfOtherFilesIsAsRenderMakesIt(String file) throws Exception {
        Process render =
                new ProcessBuilder(DEPLOY.resolve("render").toString(), folder.toString())
                        .inheritIO()
                        .start();
        assertThat(render.waitFor()).isZero();
        assertThat(DEPLOY.resolve(file))
                .as("%s; run deploy/render", file)
                .hasSameTextualContentAs(folder.resolve(file), UTF_8);
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyObjectHasOnlyFieldsThatKubernetesKnows(Path overlay) throws Exception {
        KubernetesSerialization model = new KubernetesSerialization();
        for (JsonNode object : Kustomization.render(overlay)) {
            // Kinds of Prometheus' operator; the model does not know them.
            if (!object.get("apiVersion").asString().startsWith("monitoring.coreos.com/")) {
                HasMetadata typed = model.unmarshal(object.toString());
                assertKnown(typed.getKind(), typed);
            }
        }
    }

    /// The model keeps what it does not know aside, so that nothing is lost; here nothing may be.
    private static void assertKnown(String where, @Nullable Object value) throws Exception {
        if (value instanceof Collection<?> values) {
            for (Object one : values) {
                assertKnown(where + "[]", one);
            }
            return;
        }
        if (value == null || !value.getClass().getPackageName().startsWith("io.fabric8.")) {
            return;
        }
        for (Method getter : value.getClass().getMethods()) {
            if (getter.getName().startsWith("get") && getter.getParameterCount() == 0) {
                @Nullable Object field = getter.invoke(value);
                String name = where + "." + getter.getName().substring(3);
                if (getter.getName().equals("getAdditionalProperties")) {
                    assertThat((Map<?, ?>) field).as(name).isEmpty();
                } else {
                    assertKnown(name, field);
                }
            }
        }
    }

    @Test
    void aFieldThatKubernetesDoesNotKnowIsFound() {
        HasMetadata wrong =
                new KubernetesSerialization()
                        .unmarshal(
                                """
                                apiVersion: apps/v1
                                kind: DaemonSet
                                spec: {template: {spec: {containers: [{name: a, imagePolicy: b}]}}}
                                """);
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> assertKnown("", wrong)))
                .hasMessageContaining("imagePolicy");
    }

    @ParameterizedTest
    @MethodSource("all")
    void theImageIsOfThisVersionAndNoOther(Path overlay) throws IOException {
        for (JsonNode container : containers(pod(overlay))) {
            String image = container.get("image").asString();
            assertThat(image).startsWith("localhost/fairlead:");
            String version = image.substring(image.indexOf(':') + 1);
            assertThat(version).isNotEqualTo("latest");
            assertThat(Files.readString(Path.of("..", "pom.xml")))
                    .contains("<artifactId>fairlead</artifactId>\n  <version>" + version + "<");
        }
    }

    private static List<JsonNode> containers(JsonNode pod) {
        return Stream.concat(
                        pod.path("initContainers").valueStream(),
                        pod.get("containers").valueStream())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("all")
    void noContainerIsPrivilegedAndEachDropsAllCapabilities(Path overlay) {
        JsonNode pod = pod(overlay);
        for (JsonNode container : containers(pod)) {
            JsonNode security = container.get("securityContext");
            assertThat(security.has("privileged")).isFalse();
            assertThat(security.get("allowPrivilegeEscalation").asBoolean()).isFalse();
            assertThat(security.get("readOnlyRootFilesystem").asBoolean()).isTrue();
            assertThat(strings(security.at("/capabilities/drop"))).containsExactly("ALL");
        }
        assertThat(pod.has("hostPID")).isFalse();
        assertThat(pod.at("/securityContext/seccompProfile/type").asString())
                .isIn("RuntimeDefault", "Localhost");
    }

    @Test
    void everyCapabilityHasACommentThatSaysWhy() throws IOException {
        List<String> lines = Files.readAllLines(DEPLOY.resolve("base/daemonset.yaml"));
        for (String capability : capabilities()) {
            int at = lines.indexOf("            - " + capability);
            assertThat(lines.get(at - 1).strip()).as(capability).startsWith("# ");
        }
        // One that an overlay adds would have to be commented on as well.
        for (Path overlay : overlays()) {
            assertThat(strings(pod(overlay).at("/containers/0/securityContext/capabilities/add")))
                    .isEqualTo(capabilities());
        }
    }

    static List<String> capabilities() {
        return strings(
                pod(OVERLAYS.resolve("default"))
                        .at("/containers/0/securityContext/capabilities/add"));
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void theConfigurationIsReadWithoutAWarning(Path overlay) throws Exception {
        assertThat(configuration(overlay).warnings()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void thePodIsGivenMoreTimeThanItsConnectionsAndItsSuccessorHave(Path overlay) throws Exception {
        assertThat(pod(overlay).get("terminationGracePeriodSeconds").asLong())
                .isGreaterThan(
                        configuration(overlay).options().flows().stopDrain().toSeconds() + 30);
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void aNewPodStartsBesideTheOldOneAndTakesOver(Path overlay) {
        JsonNode set = object(overlay, "DaemonSet");
        assertThat(set.at("/spec/updateStrategy/rollingUpdate/maxSurge").asInt()).isOne();
        assertThat(set.at("/spec/updateStrategy/rollingUpdate/maxUnavailable").asInt()).isZero();
        assertThat(strings(pod(overlay).at("/containers/0/args"))).contains("--takeover");
        // A port of the host that is declared keeps the second pod from the node.
        assertThat(pod(overlay).at("/containers/0").has("ports")).isFalse();
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void probesAskWhereTheAgentAnswers(Path overlay) {
        JsonNode container = pod(overlay).at("/containers/0");
        int port =
                strings(container.get("args")).stream()
                        .filter(a -> a.startsWith("--healthz-bind-address="))
                        .map(a -> Integer.parseInt(a.substring(a.lastIndexOf(':') + 1)))
                        .findFirst()
                        .orElse(10256);
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            assertThat(container.at("/" + probe + "/httpGet/port").asInt()).isEqualTo(port);
        }
    }
}
