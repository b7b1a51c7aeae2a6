package io.fairlead.k8s.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.FlowRules;
import io.fairlead.k8s.cluster.FlowSetting;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.cluster.ProblemList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowAnnotationsTest {

    private static final ObjectKey SERVICE =
            new ObjectKey(ObjectKey.Kind.SERVICE, new ObjectName("default", "web"));

    private final ProblemList problems = new ProblemList();

    private Map<FlowSetting, Integer> map(Map<String, String> annotations) {
        return FlowAnnotations.map(annotations, new FieldReader(SERVICE, problems));
    }

    @Test
    void eachAnnotationSetsItsRule() {
        assertThat(
                        map(
                                Map.of(
                                        "fairlead.io/drain-seconds", "0",
                                        "fairlead.io/slow-start-seconds", "30",
                                        "fairlead.io/max-connection-age-seconds", "3600",
                                        "fairlead.io/idle-timeout-seconds", "600",
                                        "fairlead.io/max-connections", "1000",
                                        "fairlead.io/max-connections-per-client", "100",
                                        "fairlead.io/connection-rate-per-client", "off",
                                        "fairlead.io/proxy-protocol", "v2")))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                FlowSetting.DRAIN, 0,
                                FlowSetting.SLOW_START, 30,
                                FlowSetting.MAX_AGE, 3600,
                                FlowSetting.IDLE, 600,
                                FlowSetting.MAX_FLOWS, 1000,
                                FlowSetting.MAX_FLOWS_PER_CLIENT, 100,
                                FlowSetting.FLOW_RATE_PER_CLIENT, FlowRules.OFF,
                                FlowSetting.PROXY_PROTOCOL, 2));
        assertThat(problems.sorted()).isEmpty();
    }

    @Test
    void otherAnnotationsSayNothing() {
        assertThat(map(Map.of("fairlead.io/balance", "random", "drain-seconds", "x"))).isEmpty();
        assertThat(problems.sorted()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5", "30s", "86401", "99999999999999999999", "OFF", "٣"})
    void aWrongValueIsAProblemAndTheDefaultHolds(String value) {
        assertThat(map(Map.of("fairlead.io/drain-seconds", value))).isEmpty();
        assertThat(problems.sorted())
                .containsExactly(
                        Problem.of(
                                SERVICE,
                                "metadata.annotations[fairlead.io/drain-seconds]",
                                Problem.quote(value)
                                        + " is not a drain time from 0 to 86400; the default is"
                                        + " used instead, write one such as 60, or off"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "2", "v3", "V1", "v1 ", "true"})
    void aWrongVersionOfTheProxyProtocolIsAProblemAndNoneIsSent(String value) {
        assertThat(map(Map.of("fairlead.io/proxy-protocol", value))).isEmpty();
        assertThat(problems.sorted())
                .containsExactly(
                        Problem.of(
                                SERVICE,
                                "metadata.annotations[fairlead.io/proxy-protocol]",
                                Problem.quote(value)
                                        + " is not a version of the PROXY protocol; endpoints are"
                                        + " not told who the client is, write v1, v2 or off"));
    }

    @Test
    void thePageNamesEveryAnnotation() throws IOException {
        List<String> rows =
                Files.readAllLines(Path.of("..", "docs", "annotations.md")).stream()
                        .filter(line -> line.startsWith("| `fairlead.io/"))
                        .toList();
        assertThat(Arrays.stream(FlowSetting.values()).map(FlowSetting::annotation))
                .allSatisfy(annotation ->
                        assertThat(rows)
                                .anyMatch(row -> row.startsWith("| `" + annotation + "` |")));
    }
}
