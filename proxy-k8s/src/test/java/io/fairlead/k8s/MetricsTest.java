package io.fairlead.k8s;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.k8s.status.StatusOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an agent counts, as Prometheus reads it.
class MetricsTest {

    private static final Path DEPLOY = Path.of("..", "deploy");
    private static final int PORT = 8080;
    private static final String GOOD = "127.9.8.1";
    private static final String BAD = "127.9.8.2";

    @TempDir private Path temporary;

    private World world;

    @BeforeEach
    void makeWorld() throws IOException {
        world = new World(Files.createDirectory(temporary.resolve("manifests")));
        int port = world.backend("127.0.0.1", "answer");
        int closed;
        try (ServerSocket once = new ServerSocket(0)) {
            closed = once.getLocalPort();
        }
        world.write(
                "all.yaml",
                World.service("good", GOOD, PORT, "")
                        + World.slice("good", "127.0.0.1", port)
                        + World.service("bad", BAD, PORT, "")
                        + World.slice("bad", "127.0.0.1", closed));
    }

    @AfterEach
    void endWorld() throws IOException {
        world.close();
    }

    private Agent start(int maxBackends) throws AgentException {
        return Agent.start(
                AgentOptions.of(world.folder(), "n1")
                        .withThreads(2)
                        .withCapture(CaptureOptions.DEFAULT.withMode(CaptureMode.LOOPBACK))
                        .withRunDir(temporary.resolve("run"))
                        .withStatus(
                                StatusOptions.parse("127.0.0.1:0", "127.0.0.1:0")
                                        .withMaxBackendSeries(maxBackends)));
    }

    private static String scrape(Agent agent) throws IOException, InterruptedException {
        int port = agent.status().metricsAddress().orElseThrow().getPort();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(
                                            URI.create("http://127.0.0.1:" + port + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private static void traffic() throws IOException {
        for (int i = 0; i < 3; i++) {
            assertThat(World.ask(GOOD, PORT)).isEqualTo("answer");
        }
        try {
            World.ask(BAD, PORT);
        } catch (IOException _) {
            // Reset, as its backend refuses.
        }
    }

    /// A connection may be counted as closed a moment after its client knows.
    private static String scrapeUntilClosed(Agent agent) {
        String[] text = {""};
        World.await(
                () -> {
                    try {
                        text[0] = scrape(agent);
                    } catch (IOException | InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    return text[0].contains(
                                    series("flows_closed_total", "good", "reason=\"finished\"")
                                            + " 3.0")
                            && text[0].contains("reason=\"not-connected\"");
                },
                "all connections are closed");
        return text[0];
    }

    private static String series(String name, String service, String more) {
        return "fairlead_service_"
                + name
                + "{family=\"IPv4\",namespace=\"default\",port=\"http\",protocol=\"TCP\""
                + (more.isEmpty() ? "" : "," + more)
                + ",service=\""
                + service
                + "\"}";
    }

    @Test
    void flowsBytesAndFailuresAreCountedForEachServicePort() throws Exception {
        try (Agent agent = start(100)) {
            assertThat(scrape(agent)).doesNotContain("service=\"good\"");
            traffic();
            String text = scrapeUntilClosed(agent);
            assertThat(text)
                    .contains(series("flows_opened_total", "good", "") + " 3.0")
                    .contains(series("flows", "good", "") + " 0.0")
                    .contains(series("connect_duration_seconds_count", "good", "") + " 3")
                    .containsPattern(
                            "fairlead_service_bytes_total\\{[^}]*from=\"backend\"[^}]*service=\"good\"} 18.0")
                    .containsPattern(
                            "fairlead_service_connect_failures_total\\{cause=\"refused\"[^}]*service=\"bad\"} 1.0")
                    .containsPattern(
                            "fairlead_backend_flows_opened_total\\{[^}]*service=\"good\"} 3.0")
                    .contains("fairlead_backend_series_limit_hits_total 0.0")
                    .contains("fairlead_event_loop_delay_seconds_bucket{loop=\"1\"");
        }
    }

    @Test
    void beyondTheLimitBackendsHaveNoSeriesAndThatIsCounted() throws Exception {
        try (Agent agent = start(1)) {
            traffic();
            assertThat(scrapeUntilClosed(agent))
                    .doesNotContain("fairlead_backend_flows_opened_total{");
            assertThat(scrape(agent))
                    .doesNotContain("fairlead_backend_series_limit_hits_total 0.0");
        }
    }

    @Test
    void promtoolFindsNothingToSayAboutThem() throws Exception {
        try (Agent agent = start(100)) {
            traffic();
            String ours =
                    scrapeUntilClosed(agent)
                            .lines()
                            // Named by kube-proxy: a gauge whose name ends as a counter's.
                            .filter(l -> !l.contains("no_local_endpoints_total"))
                            .collect(Collectors.joining("\n", "", "\n"));
            assertThat(promtool(ours, "check", "metrics")).isEmpty();
        }
    }

    @Test
    void alertsAreRulesThatHoldTheirTests() throws Exception {
        Path rules = DEPLOY.resolve("prometheus-rules.yaml");
        assertThat(promtool("", "check", "rules", rules.toString())).contains("SUCCESS");
        assertThat(
                        promtool(
                                "",
                                "test",
                                "rules",
                                DEPLOY.resolve("prometheus-rules-test.yaml").toString()))
                .contains("SUCCESS");
    }

    /// What an alert or a panel asks for, the agent has.
    @Test
    void alertsAndPanelsAskForMetricsThatThereAre() throws Exception {
        try (Agent agent = start(100)) {
            traffic();
            Set<String> there = new TreeSet<>(names(scrapeUntilClosed(agent)));
            String asked =
                    Files.readString(DEPLOY.resolve("prometheus-rules.yaml"))
                            + Files.readString(DEPLOY.resolve("grafana-dashboard.json"));
            // Those of an API server, which there is none of here.
            Set<String> wanted =
                    names(asked).stream()
                            .filter(n ->
                                    !n.startsWith("fairlead_api_")
                                            && !n.equals("fairlead_state_stale"))
                            .collect(Collectors.toCollection(TreeSet::new));
            assertThat(wanted).hasSizeGreaterThan(15);
            assertThat(there).containsAll(wanted);
        }
    }

    private static Set<String> names(String text) {
        Matcher matcher =
                Pattern.compile("\\b(fairlead|kubeproxy|process)_[a-z_]*[a-z]\\b").matcher(text);
        return matcher.results().map(r -> r.group()).collect(Collectors.toSet());
    }

    private String promtool(String input, String... arguments)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Stream.concat(Stream.of("promtool"), Stream.of(arguments)).toList())
                        .redirectErrorStream(true)
                        .start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).describedAs(output).isZero();
        return output;
    }
}
