package io.fairlead.k8s;

import static io.fairlead.k8s.World.ask;
import static io.fairlead.k8s.World.service;
import static io.fairlead.k8s.World.slice;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.k8s.config.ConfigKeys;
import io.fairlead.k8s.status.StatusOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an agent answers over HTTP.
class AgentStatusTest {

    private static final String VIP = "127.9.3.1";
    private static final int PORT = 8080;

    @TempDir private Path temporary;

    private World world;
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void makeWorld() throws IOException {
        world = new World(Files.createDirectory(temporary.resolve("manifests")));
    }

    @AfterEach
    void endWorld() throws IOException {
        client.close();
        world.close();
    }

    private Agent start(String healthz, String metrics) throws AgentException {
        return Agent.start(
                AgentOptions.of(world.folder(), "n1")
                        .withThreads(2)
                        .withCapture(CaptureOptions.DEFAULT.withMode(CaptureMode.LOOPBACK))
                        .withRunDir(temporary.resolve("run"))
                        .withStatus(StatusOptions.parse(healthz, metrics)),
                ConfigKeys::describe);
    }

    private HttpResponse<String> get(int port, String path)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> health(Agent agent, String path) throws Exception {
        return get(agent.status().healthAddress().orElseThrow().getPort(), path);
    }

    private HttpResponse<String> metrics(Agent agent, String path) throws Exception {
        return get(agent.status().metricsAddress().orElseThrow().getPort(), path);
    }

    /// Whether a port gives this answer; refusing is -1.
    private boolean answers(int port, int code) {
        try {
            return get(port, "/").statusCode() == code;
        } catch (IOException _) {
            return code < 0;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String node(String spec) {
        return """
        ---
        apiVersion: v1
        kind: Node
        metadata: {name: n1}
        spec: {%s}
        """
                .formatted(spec);
    }

    private static String balanced(String policy, int healthPort) {
        String check = healthPort == 0 ? "" : "\n  healthCheckNodePort: " + healthPort;
        return service("web", VIP, PORT, "")
                .replace(
                        "spec:",
                        "spec:\n  type: LoadBalancer\n  allocateLoadBalancerNodePorts: false\n"
                                + "  externalTrafficPolicy: "
                                + policy
                                + check);
    }

    private static String localSlice(int port, String conditions) {
        return slice("web", "127.0.0.1", port)
                .replace("conditions: {ready: true}", "nodeName: n1, conditions: " + conditions);
    }

    @Test
    void a12b_healthzFollowsTheNodeAndLivezDoesNot() throws Exception {
        try (Agent agent = start("127.0.0.1:0", "off")) {
            HttpResponse<String> response = health(agent, "/healthz");
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
            assertThat(response.headers().firstValue("x-content-type-options")).hasValue("nosniff");
            assertThat(response.body()).startsWith("{\"lastUpdated\":\"").endsWith("}}}");
            int port = agent.status().healthAddress().orElseThrow().getPort();
            world.write(
                    "node.yaml",
                    node("taints: [{key: ToBeDeletedByClusterAutoscaler, effect: NoSchedule}]"));
            World.await(() -> code(port, "/healthz") == 503, "the node is leaving");
            assertThat(health(agent, "/livez").statusCode()).isEqualTo(200);
            world.write("node.yaml", node(""));
            World.await(() -> code(port, "/healthz") == 200, "the node stays");
            world.write(
                    "node.yaml",
                    node("").replace("n1}", "n1, deletionTimestamp: \"2026-01-01T00:00:00Z\"}"));
            World.await(() -> code(port, "/healthz") == 503, "the node is deleted");
            assertThat(agent.status().metricsAddress()).isEmpty();
        }
    }

    private int code(int port, String path) {
        try {
            return get(port, path).statusCode();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a12a_theHealthCheckNodePortOfAService() throws Exception {
        int a = world.backend("127.0.0.1", "a");
        int port = freePort();
        world.write("web.yaml", balanced("Local", port) + localSlice(a, "{ready: true}"));
        try (Agent agent = start("off", "off")) {
            World.await(() -> answers(port, 200), "the health check answers");
            HttpResponse<String> response = get(port, "/any/path");
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).isEqualTo(body(1));
            assertThat(response.headers().map())
                    .containsEntry("content-type", List.of("application/json"))
                    .containsEntry("x-content-type-options", List.of("nosniff"))
                    .containsEntry("x-load-balancing-endpoint-weight", List.of("1"));

            world.write(
                    "web.yaml",
                    balanced("Local", port)
                            + localSlice(a, "{ready: false, serving: true, terminating: true}"));
            World.await(() -> answers(port, 503), "only a terminating endpoint");
            assertThat(get(port, "/healthz").body()).isEqualTo(body(0));
            assertThat(ask(VIP, PORT)).isEqualTo("a");

            world.write("web.yaml", balanced("Cluster", 0) + localSlice(a, "{ready: true}"));
            World.await(() -> answers(port, -1), "no health check any more");
            int other = freePort();
            world.write("web.yaml", balanced("Local", other) + localSlice(a, "{ready: true}"));
            World.await(() -> answers(other, 200), "back on another port");
            assertThat(agent.problems()).isEmpty();
        }
    }

    private static String body(int endpoints) {
        return "{\n\t\"service\": {\n\t\t\"namespace\": \"default\",\n\t\t\"name\": \"web\"\n\t},\n"
                + "\t\"localEndpoints\": "
                + endpoints
                + ",\n\t\"serviceProxyHealthy\": true\n}";
    }

    @Test
    void a12a_aPortThatIsTakenIsAProblemOfTheServiceUntilItIsFree() throws Exception {
        int a = world.backend("127.0.0.1", "a");
        ServerSocket holder = new ServerSocket();
        holder.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        int port = holder.getLocalPort();
        world.write("web.yaml", balanced("Local", port) + localSlice(a, "{ready: true}"));
        try (Agent agent = start("off", "off")) {
            World.await(() -> !agent.problems().isEmpty(), "the port is taken");
            assertThat(agent.problems())
                    .singleElement()
                    .satisfies(problem -> {
                        assertThat(problem.object()).isEqualTo("Service default/web");
                        assertThat(problem.field()).isEqualTo("spec.healthCheckNodePort");
                        assertThat(problem.message()).startsWith("127.0.0.1:" + port);
                    });
            assertThat(ask(VIP, PORT)).isEqualTo("a");
            holder.close();
            World.await(() -> answers(port, 200), "the port is free");
            World.await(() -> agent.problems().isEmpty(), "the problem is gone");
        } finally {
            holder.close();
        }
    }

    @Test
    void a12c_aServerWhosePortIsTakenOpensWhenItIsFree() throws Exception {
        int a = world.backend("127.0.0.1", "a");
        world.write("web.yaml", service("web", VIP, PORT, "") + slice("web", "127.0.0.1", a));
        ServerSocket holder = new ServerSocket();
        holder.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        try (Agent agent = start("127.0.0.1:" + holder.getLocalPort(), "off")) {
            assertThat(ask(VIP, PORT)).isEqualTo("a");
            assertThat(agent.status().healthAddress()).isEmpty();
            holder.close();
            World.await(() -> agent.status().healthAddress().isPresent(), "the port is free");
            assertThat(health(agent, "/livez").statusCode()).isEqualTo(200);
        } finally {
            holder.close();
        }
    }

    @Test
    void a12c_thePagesOfTheMetricsServer() throws Exception {
        try (Agent agent = start("off", "127.0.0.1:0")) {
            assertThat(metrics(agent, "/healthz").body()).isEqualTo("ok");
            HttpResponse<String> mode = metrics(agent, "/proxyMode");
            assertThat(mode.body()).isEqualTo("fairlead");
            assertThat(mode.headers().firstValue("content-type").orElseThrow())
                    .startsWith("text/plain");
            assertThat(metrics(agent, "/configz").body())
                    .startsWith("{\"fairlead.io\":{\"apiVersion\":\"fairlead.io/v1alpha1\"")
                    .contains("\"source\":{\"manifests\":\"" + world.folder())
                    .contains("\"metricsBindAddress\":\"127.0.0.1:0\"");
            assertThat(metrics(agent, "/metrics/slis").body())
                    .contains("kubernetes_healthcheck{name=\"sync\",type=\"healthz\"} 1")
                    .contains(
                            "kubernetes_healthchecks_total{name=\"sync\",status=\"success\","
                                    + "type=\"healthz\"} 1");
            assertThat(metrics(agent, "/flagz").body()).contains("\nnodeName=n1\n");
            assertThat(metrics(agent, "/statusz").body()).startsWith("fairlead statusz\n");
            assertThat(metrics(agent, "/nothing").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void a13_theMetricsThatDashboardsOfKubeProxyAsk() throws Exception {
        int a = world.backend("127.0.0.1", "a");
        world.write("web.yaml", service("web", VIP, PORT, "") + slice("web", "127.0.0.1", a));
        try (Agent agent = start("127.0.0.1:0", "127.0.0.1:0")) {
            health(agent, "/healthz");
            HttpResponse<String> response = metrics(agent, "/metrics");
            assertThat(response.headers().firstValue("content-type").orElseThrow())
                    .startsWith("text/plain; version=0.0.4");
            String text = response.body();
            for (String family : new String[] {"IPv4", "IPv6"}) {
                String label = "{ip_family=\"" + family + "\"";
                assertThat(text)
                        .contains("kubeproxy_sync_proxy_rules_duration_seconds_count" + label)
                        .contains(
                                "kubeproxy_sync_proxy_rules_duration_seconds_bucket"
                                        + label
                                        + ",le=\"0.001\"}")
                        .contains(
                                "kubeproxy_sync_proxy_rules_duration_seconds_bucket"
                                        + label
                                        + ",le=\"16.384\"} 1")
                        .contains("kubeproxy_sync_full_proxy_rules_duration_seconds_sum" + label)
                        .contains(
                                "kubeproxy_sync_partial_proxy_rules_duration_seconds_count"
                                        + label
                                        + "} 0")
                        .contains(
                                "kubeproxy_network_programming_duration_seconds_bucket"
                                        + label
                                        + ",le=\"0.25\"} 0")
                        .contains("kubeproxy_network_programming_duration_seconds_count" + label)
                        .contains("kubeproxy_sync_proxy_rules_last_timestamp_seconds" + label)
                        .contains(
                                "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds" + label)
                        .contains(
                                "kubeproxy_sync_proxy_rules_no_local_endpoints_total"
                                        + label
                                        + ",traffic_policy=\"external\"} 0");
            }
            assertThat(text)
                    .contains("\nkubeproxy_sync_proxy_rules_service_changes_total 1")
                    .contains("\nkubeproxy_sync_proxy_rules_endpoint_changes_total 1")
                    .contains("\nkubeproxy_sync_proxy_rules_endpoint_changes_pending 0")
                    .contains("\nkubeproxy_proxy_healthz_total{code=\"200\"} 1")
                    .contains("\nfairlead_service_ports 1")
                    .contains("\nfairlead_problems 0")
                    .contains("\nfairlead_flows{protocol=\"TCP\"} 0")
                    .contains("\nfairlead_flows{protocol=\"UDP\"} 0")
                    .contains("\nfairlead_udp_idle_sockets 0")
                    .contains("\nfairlead_udp_sockets_reused_total 0")
                    .contains("\nfairlead_udp_refused_total{reason=\"not-served\"} 0")
                    .contains("\nfairlead_udp_dropped_total{reason=\"late\"} 0")
                    .contains("\nfairlead_build_info{")
                    .contains("\nprocess_cpu_seconds_total ")
                    .contains("\nprocess_resident_memory_bytes ")
                    .contains("\nprocess_open_fds ")
                    .contains("\nprocess_max_fds ")
                    .contains("\nprocess_start_time_seconds ");
        }
    }

    @Test
    void aClientThatSaysNothingKeepsNobodyFromAsking() throws Exception {
        try (Agent agent = start("127.0.0.1:0", "off")) {
            InetSocketAddress at = agent.status().healthAddress().orElseThrow();
            var silent = new ArrayList<Socket>();
            for (int i = 0; i < 50; i++) {
                Socket socket = new Socket(at.getAddress(), at.getPort());
                socket.getOutputStream().write("GET /livez HT".getBytes(US_ASCII));
                silent.add(socket);
            }
            long start = System.nanoTime();
            assertThat(health(agent, "/livez").statusCode()).isEqualTo(200);
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(5));
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
