package io.fairlead.k8s;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.k8s.status.StatusOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
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
    private static final String HALF = "127.9.8.3";
    private static final String NONE = "127.9.8.4";
    private static final String DATAGRAMS = "127.9.8.5";

    @TempDir private Path temporary;

    private World world;
    private ServerSocket echo;

    @BeforeEach
    void makeWorld() throws IOException {
        world = new World(Files.createDirectory(temporary.resolve("manifests")));
        int port = world.backend("127.0.0.1", "answer");
        echo = World.echo();
        world.write(
                "all.yaml",
                World.service("good", GOOD, PORT, "")
                        + World.slice("good", "127.0.0.1", port)
                        + World.service("bad", BAD, PORT, "")
                        + World.slice("bad", "127.0.0.1", closedPort()));
    }

    private static int closedPort() throws IOException {
        try (ServerSocket once = new ServerSocket(0)) {
            return once.getLocalPort();
        }
    }

    @AfterEach
    void endWorld() throws IOException {
        echo.close();
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
                            "fairlead_service_connect_failures_total\\{[^}]*reason=\"refused\"[^}]*service=\"bad\"} 1.0")
                    .containsPattern(
                            "fairlead_backend_flows_opened_total\\{[^}]*service=\"good\"} 3.0")
                    .contains("fairlead_backend_series_limit_hits_total 0.0")
                    .contains("fairlead_event_loop_delay_seconds_bucket{loop=\"1\"");
        }
    }

    @Test
    void theFirstByteRetriesAndRefusalsAreCountedForEachServicePort() throws Exception {
        int good = world.backend("127.0.0.1", "answer");
        world.write(
                "two.yaml",
                World.service("half", HALF, PORT, "")
                        + World.slice("half", "127.0.0.1", good)
                        + World.slice("half", "127.0.0.1", closedPort())
                        + World.service("none", NONE, PORT, "")
                                .replace(
                                        "namespace: default}",
                                        "namespace: default, annotations:"
                                                + " {fairlead.io/max-connections-per-client:"
                                                + " \"1\"}}")
                        + World.slice("none", "127.0.0.1", echo.getLocalPort()));
        try (Agent agent = start(100);
                Socket first = new Socket(InetAddress.ofLiteral(NONE), PORT)) {
            first.getOutputStream().write(1);
            assertThat(first.getInputStream().read()).isOne();
            assertThatThrownBy(() -> World.ask(NONE, PORT)).isInstanceOf(IOException.class);
            for (int i = 0; i < 4; i++) {
                assertThat(World.ask(HALF, PORT)).isEqualTo("answer");
            }
            assertThat(scrape(agent))
                    .contains(series("first_byte_seconds_count", "half", "") + " 4")
                    .contains(
                            series("flows_refused_total", "none", "reason=\"max-flows-per-client\"")
                                    + " 1.0")
                    .containsPattern(
                            "fairlead_service_connect_retries_total\\{[^}]*reason=\"refused\"[^}]*service=\"half\"}"
                                    + " [1-4]\\.0");
        }
    }

    @Test
    void datagramsAreCountedForEachServicePort() throws Exception {
        try (DatagramSocket server = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
            Thread.ofVirtual().start(() -> echo(server));
            world.write(
                    "udp.yaml",
                    (World.service("dns", DATAGRAMS, PORT, "")
                                    + World.slice("dns", "127.0.0.1", server.getLocalPort()))
                            .replace("protocol: TCP", "protocol: UDP"));
            try (Agent agent = start(100);
                    DatagramSocket client = new DatagramSocket()) {
                client.setSoTimeout(60_000);
                byte[] question = {1, 2, 3};
                client.send(
                        new DatagramPacket(question, 3, InetAddress.ofLiteral(DATAGRAMS), PORT));
                client.receive(new DatagramPacket(new byte[64], 64));
                String text = scrape(agent);
                String labels =
                        "{family=\"IPv4\",%snamespace=\"default\",port=\"http\","
                                + "protocol=\"UDP\",service=\"dns\"}";
                String fromClient = labels.formatted("from=\"client\",");
                assertThat(text)
                        .contains("fairlead_service_flows" + labels.formatted("") + " 1.0")
                        .contains("fairlead_service_datagrams_total" + fromClient + " 1.0")
                        .contains("fairlead_service_bytes_total" + fromClient + " 3.0")
                        .contains("fairlead_flows{protocol=\"UDP\"} 1.0")
                        .doesNotContainPattern("connect_duration_seconds_count\\{[^}]*\"dns\"");
            }
        }
    }

    private static void echo(DatagramSocket server) {
        DatagramPacket packet = new DatagramPacket(new byte[64], 64);
        try {
            while (true) {
                server.receive(packet);
                server.send(packet);
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    @Test
    void theirPageNamesWhatThereIs() throws Exception {
        Set<String> named = names(Files.readString(Path.of("..", "docs", "metrics.md")));
        try (Agent agent = start(100)) {
            traffic();
            Set<String> there =
                    scrapeUntilClosed(agent)
                            .lines()
                            .filter(l -> l.startsWith("# TYPE fairlead_"))
                            .map(l -> l.split(" ", -1)[2])
                            .collect(Collectors.toCollection(TreeSet::new));
            assertThat(named).containsAll(there);
            named.removeIf(n -> !n.startsWith("fairlead_") || isOfApiServer(n) || isRare(n));
            assertThat(there).containsAll(named);
        }
    }

    /// There is no API server here.
    private static boolean isOfApiServer(String name) {
        return name.startsWith("fairlead_api_")
                || name.equals("fairlead_state_stale")
                || name.equals("fairlead_empty_list_held_seconds");
    }

    /// Not before it has happened.
    private static boolean isRare(String name) {
        return name.startsWith("fairlead_service_datagrams")
                || name.startsWith("fairlead_service_connect_retries")
                || name.startsWith("fairlead_service_flows_refused");
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
                            .filter(n -> !isOfApiServer(n) && !isRare(n))
                            .collect(Collectors.toCollection(TreeSet::new));
            assertThat(wanted).hasSizeGreaterThan(15);
            assertThat(there).containsAll(wanted);
        }
    }

    private static Set<String> names(String text) {
        Matcher matcher =
                Pattern.compile("\\b(fairlead|kubeproxy|process)_[a-z_]*[a-z]\\b(?!_?\\*)")
                        .matcher(text);
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
