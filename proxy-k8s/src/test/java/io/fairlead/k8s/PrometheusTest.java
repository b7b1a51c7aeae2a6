package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.testing.ApiObjects;
import io.fairlead.k8s.testing.Await;
import io.fairlead.k8s.testing.FakeApiServer;
import io.fairlead.k8s.testing.Prometheus;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a real Prometheus makes of an agent: the dashboard, the alerts, and what was made for
/// kube-proxy.
///
/// One agent and one Prometheus for all; the agent has few descriptors, so that running out of them
/// is soon done. Its faults come one after the other, and in the end it is killed.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PrometheusTest {

    private static final Path DEPLOY = Path.of("..", "deploy");
    private static final int PORT = 8080;
    private static final int FEW_DESCRIPTORS = 400;

    // VIPs.
    private static final String GOOD = "127.9.11.1";
    private static final String HALF = "127.9.11.2";
    private static final String SLOW = "127.9.11.3";
    private static final String HELD = "127.9.11.4";
    private static final String UDP = "127.9.11.5";
    private static final String ELSEWHERE = "127.9.11.6";
    private static final String BROKEN = "127.9.11.7";
    private static final String TAKEN = "127.9.11.8";

    /// Queries of the kube-proxy dashboard of kubernetes-mixin. Left out are answers of 300 to 399,
    /// which an API server does not give, and `go_goroutines`, for there are none.
    private static final List<String> MIXIN =
            List.of(
                    "sum(up{job=\"kube-proxy\"})",
                    "sum(rate(kubeproxy_sync_proxy_rules_duration_seconds_count{job=\"kube-proxy\"}[5m]))",
                    "histogram_quantile(0.99,"
                            + " rate(kubeproxy_sync_proxy_rules_duration_seconds_bucket{job=\"kube-proxy\"}[5m]))",
                    "sum by (instance)"
                            + " (rate(kubeproxy_network_programming_duration_seconds_count{job=\"kube-proxy\"}[5m]))",
                    "histogram_quantile(0.99, sum by (instance, le)"
                            + " (rate(kubeproxy_network_programming_duration_seconds_bucket{job=\"kube-proxy\"}[5m])))",
                    "sum(rate(rest_client_requests_total{job=\"kube-proxy\",code=~\"2..\"}[5m]))",
                    "sum(rate(rest_client_requests_total{job=\"kube-proxy\",code=~\"4..\"}[5m]))",
                    "sum(rate(rest_client_requests_total{job=\"kube-proxy\",code=~\"5..\"}[5m]))",
                    "histogram_quantile(0.99, sum by (verb, le)"
                            + " (rate(rest_client_request_duration_seconds_bucket{job=\"kube-proxy\",verb=\"POST\"}[5m])))",
                    "histogram_quantile(0.99, sum by (verb, le)"
                            + " (rate(rest_client_request_duration_seconds_bucket{job=\"kube-proxy\",verb=\"GET\"}[5m])))",
                    "process_resident_memory_bytes{job=\"kube-proxy\"}",
                    "rate(process_cpu_seconds_total{job=\"kube-proxy\"}[5m])");

    private Path temporary;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private FakeApiServer api;
    private AgentProcess agent;
    private Prometheus prometheus;
    private Path config;
    private int answering;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        temporary = folder;
        World world = keep(new World(Files.createDirectory(temporary.resolve("unused"))));
        answering = world.backend("127.0.0.1", "answer");
        api = keep(new FakeApiServer());
        api.put("nodes", "n1", ApiObjects.node("z"));
        put("good", GOOD, answering);
        put("half", HALF, answering);
        api.put("endpointslices", "half-2", ApiObjects.slice("half", "127.0.0.1", refusing()));
        put("slow", SLOW, answering);
        api.put("endpointslices", "slow-2", ApiObjects.slice("slow", "127.0.0.1", unanswering()));
        put("broken", BROKEN, refusing());
        put("held", HELD, keep(World.echo()).getLocalPort());
        api.put("services", "udp", datagrams(ApiObjects.service(UDP, PORT)));
        api.put(
                "endpointslices",
                "udp-1",
                datagrams(ApiObjects.slice("udp", "127.0.0.1", echoDatagrams())));
        config = temporary.resolve("config.yaml");
        configure("10ms");
        int metrics = freePort();
        agent =
                keep(
                        AgentProcess.startUnder(
                                        List.of(
                                                "prlimit",
                                                "--nofile="
                                                        + FEW_DESCRIPTORS
                                                        + ":"
                                                        + FEW_DESCRIPTORS),
                                        "agent",
                                        "--config",
                                        config,
                                        "--run-dir",
                                        temporary.resolve("run"),
                                        "--api-server",
                                        api.uri(),
                                        "--healthz-bind-address",
                                        "off",
                                        "--metrics-bind-address",
                                        "127.0.0.1:" + metrics)
                                .awaitServing());
        prometheus =
                keep(
                        Prometheus.start(
                                Files.createDirectory(temporary.resolve("prometheus")),
                                hasty(Files.readString(DEPLOY.resolve("prometheus-rules.yaml"))),
                                "127.0.0.1:" + metrics,
                                List.of("fairlead", "kube-proxy")));
    }

    private <T extends AutoCloseable> T keep(T resource) {
        open.addFirst(resource);
        return resource;
    }

    @AfterAll
    void end() throws Exception {
        clients.shutdownNow();
        for (AutoCloseable resource : open) {
            resource.close();
        }
    }

    private void configure(String minInterval) throws IOException {
        Path draft =
                Files.writeString(
                        temporary.resolve("draft"),
                        """
                        apiVersion: fairlead.io/v1alpha1
                        kind: FairleadConfiguration
                        nodeName: n1
                        threads: 2
                        capture: {mode: loopback}
                        sync: {minInterval: %s}
                        flows: {affinityClients: 1024}
                        udp: {maxFlows: 50}
                        """
                                .formatted(minInterval));
        Files.move(draft, config, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    /// The same alerts, for those who have no time: what must last for minutes need not last, and
    /// limits of many seconds are some.
    private static String hasty(String rules) {
        return rules.replaceAll("for: \\w+", "for: 0s")
                .replace("[5m]", "[15s]")
                .replace("age_seconds > 300", "age_seconds > 3")
                .replace("waiting_seconds > 60", "waiting_seconds > 0.5")
                .replace("_bucket[15s]))) > 10", "_bucket[15s]))) > 1");
    }

    private void put(String service, String vip, int backend) {
        api.put("services", service, ApiObjects.service(vip, PORT));
        api.put("endpointslices", service + "-1", ApiObjects.slice(service, "127.0.0.1", backend));
    }

    private static String datagrams(String json) {
        return json.replace("TCP", "UDP")
                .replace("\"type\":\"ClusterIP\"", "\"sessionAffinity\":\"ClientIP\"");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static int refusing() throws IOException {
        return freePort();
    }

    /// A port whose accept queue is full.
    private int unanswering() throws IOException {
        ServerSocket full = keep(new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1")));
        for (int i = 0; i < 4; i++) {
            SocketChannel channel = keep(SocketChannel.open());
            channel.configureBlocking(false);
            boolean _ = channel.connect(full.getLocalSocketAddress());
        }
        return full.getLocalPort();
    }

    private int echoDatagrams() throws IOException {
        DatagramSocket server =
                keep(
                        new DatagramSocket(
                                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0)));
        Thread.ofVirtual()
                .start(() -> {
                    DatagramPacket packet = new DatagramPacket(new byte[64], 64);
                    try {
                        while (true) {
                            server.receive(packet);
                            server.send(packet);
                        }
                    } catch (IOException _) {
                        // Closed.
                    }
                });
        return server.getLocalPort();
    }

    /// A client that does not mind what becomes of it.
    private static void visit(String vip) {
        try {
            World.ask(vip, PORT);
        } catch (IOException _) {
            // As some do.
        }
    }

    private void visitAtOnce(String vip, int count) {
        for (int i = 0; i < count; i++) {
            var _ = clients.submit(() -> visit(vip));
        }
    }

    /// A datagram of a client address that nobody else has.
    private static void sendFrom(int client) throws IOException {
        byte[] address = {127, 77, (byte) (client >> 8), (byte) client};
        try (DatagramSocket socket =
                new DatagramSocket(new InetSocketAddress(InetAddress.getByAddress(address), 0))) {
            socket.send(new DatagramPacket(new byte[9], 9, InetAddress.ofLiteral(UDP), PORT));
        }
    }

    /// A slice whose endpoint moved, by its annotation, so many seconds ago.
    private void changeSlice(int secondsAgo) {
        api.put(
                "endpointslices",
                "good-1",
                ApiObjects.slice("good", "127.0.0.1", answering)
                        .replace(
                                "},\"addressType\"",
                                "}annotations:{\"endpoints.kubernetes.io/last-change-trigger-time\":\""
                                        + Instant.now().minusSeconds(secondsAgo)
                                        + "\"},\"addressType\"")
                        .replace(
                                "\"conditions\"",
                                "\"nodeName\":\"n" + System.nanoTime() + "\",\"conditions\""));
    }

    private void annotate(String service, String vip, String annotation, String value) {
        api.put(
                "services",
                service,
                "labels:{}annotations:{\""
                        + annotation
                        + "\":\""
                        + value
                        + "\"}"
                        + ApiObjects.service(vip, PORT));
    }

    /// A bit of everything that an agent does in a day.
    private void live() throws IOException {
        annotate("held", HELD, "fairlead.io/max-connections", "1");
        for (int round = 0; round < 4; round++) {
            visit(GOOD);
            visit(HALF);
            sendFrom(round);
            changeSlice(0);
        }
        try (Socket one = new Socket(InetAddress.ofLiteral(HELD), PORT);
                Socket another = new Socket(InetAddress.ofLiteral(HELD), PORT)) {
            say(one);
            say(another);
        }
    }

    private static void say(Socket socket) {
        try {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(1);
            var _ = socket.getInputStream().read();
        } catch (IOException _) {
            // The one too many.
        }
    }

    private static boolean isData(List<Double> values) {
        return values.stream().anyMatch(v -> !v.isNaN());
    }

    private void awaitData(String query) {
        Await.until(
                query + " has data",
                () -> {
                    if (isData(prometheus.query(query))) {
                        return true;
                    }
                    try {
                        live();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                    return false;
                });
    }

    @Test
    @Order(1)
    void whileAllIsWellNoAlertFires() {
        Await.until(
                "its flows are seen",
                () -> {
                    visit(GOOD);
                    return isData(prometheus.query("fairlead_service_flows_closed_total"));
                });
        // Those of a time are not asked: this machine may be slow, and nothing is up at first.
        for (String alert : alerts()) {
            if (!List.of(
                            "FairleadLoopBusy",
                            "FairleadConnectSlow",
                            "FairleadChangeWaits",
                            "FairleadDown")
                    .contains(alert)) {
                assertThat(prometheus.hasFired(alert)).as(alert).isFalse();
            }
        }
    }

    @Test
    @Order(2)
    void everyPanelHasData() throws IOException {
        JsonNode dashboard =
                JsonMapper.shared()
                        .readTree(Files.readString(DEPLOY.resolve("grafana-dashboard.json")));
        int queries = 0;
        for (JsonNode panel : dashboard.path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                awaitData(
                        target.path("expr")
                                .asString()
                                .replace("$__rate_interval", "5m")
                                .replaceAll("\\$(instance|namespace|service)", ".*"));
                queries++;
            }
        }
        assertThat(queries).isGreaterThan(30);
    }

    @Test
    @Order(3)
    void theMixinForKubeProxyHasData() throws IOException {
        for (String query : MIXIN) {
            if (query.contains("4..") || query.contains("5..")) {
                int code = query.contains("4..") ? 410 : 503;
                api.refuse("watch", "services", new FakeApiServer.Refusal(code, 0));
                api.endWatches("services");
            } else if (query.contains("POST")) {
                // An Event tells of a VIP that somebody else has.
                awaitData("rest_client_request_duration_seconds_bucket{verb=\"POST\"}");
                keep(new ServerSocket(PORT, 1, InetAddress.ofLiteral(TAKEN)));
                put("taken", TAKEN, answering);
            }
            awaitData(query);
        }
    }

    private static List<String> alerts() {
        try {
            return Pattern.compile("alert: (\\w+)")
                    .matcher(Files.readString(DEPLOY.resolve("prometheus-rules.yaml")))
                    .results()
                    .map(r -> r.group(1))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Order(4)
    void eachAlertFiresWhenItsFaultIsMade() throws Exception {
        List<String> fired = new ArrayList<>();
        // Backends.
        fires(fired, "FairleadConnectFailures", () -> visitAtOnce(BROKEN, 5));
        fires(fired, "FairleadBackendEjected", () -> visitAtOnce(HALF, 5));
        visit(SLOW);
        Await.until(
                "it is seen",
                () ->
                        isData(
                                prometheus.query(
                                        "fairlead_service_connect_duration_seconds_count{service=\"slow\"}")));
        visitAtOnce(SLOW, 20);
        fires(fired, "FairleadConnectSlow", () -> {});
        // Clients.
        int[] client = {0};
        Runnable flood =
                () -> {
                    try {
                        for (int i = 0; i < 200; i++) {
                            sendFrom(client[0]++);
                        }
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                };
        fires(fired, "FairleadDatagramFlowsEvicted", flood);
        fires(fired, "FairleadAffinityEvictions", flood);
        // The cluster.
        put("elsewhere", ELSEWHERE, answering);
        api.put(
                "services",
                "elsewhere",
                ApiObjects.service(ELSEWHERE, PORT)
                        .replace(
                                "\"type\":\"ClusterIP\"",
                                "\"type\":\"ClusterIP\",\"internalTrafficPolicy\":\"Local\""));
        fires(fired, "FairleadNoLocalEndpoints", () -> {});
        annotate("good", GOOD, "fairlead.io/balance", "nonsense");
        fires(fired, "FairleadProblems", () -> {});
        fires(fired, "FairleadProgrammingSlow", () -> changeSlice(2));
        configure("20s");
        fires(fired, "FairleadChangeWaits", () -> changeSlice(0));
        // The machine.
        Runnable hold =
                () -> {
                    try {
                        Socket socket = keep(new Socket());
                        socket.connect(
                                new InetSocketAddress(InetAddress.ofLiteral(GOOD), PORT), 60_000);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                };
        fires(fired, "FairleadLoopBusy", this::stopForAMoment);
        fires(fired, "FairleadDescriptorsShort", hold);
        fires(fired, "FairleadAcceptPauses", hold);
        // The rest.
        api.goAway();
        fires(fired, "FairleadStateStale", () -> {});
        agent.kill();
        Await.until("nobody answers", () -> prometheus.isFiring("FairleadDown"));
        fired.add("FairleadDown");
        assertThat(fired).containsExactlyInAnyOrderElementsOf(alerts());
    }

    /// Makes a fault again and again until its alert fires.
    private void fires(List<String> fired, String alert, Runnable fault) {
        Await.until(
                alert + " fires",
                () -> {
                    fault.run();
                    return prometheus.hasFired(alert);
                });
        fired.add(alert);
    }

    /// As a machine does that has too much to do.
    private void stopForAMoment() {
        try {
            for (String signal : List.of("-STOP", "-CONT")) {
                assertThat(
                                new ProcessBuilder("kill", signal, Long.toString(agent.pid()))
                                        .start()
                                        .waitFor())
                        .isZero();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(400)); // that is the fault
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
