package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.testing.ApiObjects;
import io.fairlead.k8s.testing.Await;
import io.fairlead.k8s.testing.FakeApiServer;
import io.fairlead.k8s.testing.Prometheus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    private WatchedAgent agent;
    private Prometheus prometheus;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        agent =
                new WatchedAgent(
                        folder, hasty(Files.readString(DEPLOY.resolve("prometheus-rules.yaml"))));
        prometheus = agent.prometheus();
    }

    @AfterAll
    void end() throws Exception {
        agent.end();
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
                        agent.live();
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
                    WatchedAgent.visit(WatchedAgent.GOOD);
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
                agent.api().refuse("watch", "services", new FakeApiServer.Refusal(code, 0));
                agent.api().endWatches("services");
            } else if (query.contains("POST")) {
                // An Event tells of a VIP that somebody else has.
                awaitData("rest_client_request_duration_seconds_bucket{verb=\"POST\"}");
                agent.keep(
                        new ServerSocket(
                                WatchedAgent.PORT, 1, InetAddress.ofLiteral(WatchedAgent.TAKEN)));
                agent.put("taken", WatchedAgent.TAKEN, agent.answering());
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
        fires(fired, "FairleadConnectFailures", () -> agent.visitAtOnce(WatchedAgent.BROKEN, 5));
        fires(fired, "FairleadBackendEjected", () -> agent.visitAtOnce(WatchedAgent.HALF, 5));
        WatchedAgent.visit(WatchedAgent.SLOW);
        Await.until(
                "it is seen",
                () ->
                        isData(
                                prometheus.query(
                                        "fairlead_service_connect_duration_seconds_count{service=\"slow\"}")));
        agent.visitAtOnce(WatchedAgent.SLOW, 20);
        fires(fired, "FairleadConnectSlow", () -> {});
        // Clients.
        int[] client = {0};
        Runnable flood =
                () -> {
                    try {
                        for (int i = 0; i < 200; i++) {
                            WatchedAgent.sendFrom(client[0]++);
                        }
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                };
        fires(fired, "FairleadDatagramFlowsEvicted", flood);
        fires(fired, "FairleadAffinityEvictions", flood);
        // The cluster.
        agent.put("elsewhere", WatchedAgent.ELSEWHERE, agent.answering());
        agent.api()
                .put(
                        "services",
                        "elsewhere",
                        ApiObjects.service(WatchedAgent.ELSEWHERE, WatchedAgent.PORT)
                                .replace(
                                        "\"type\":\"ClusterIP\"",
                                        "\"type\":\"ClusterIP\",\"internalTrafficPolicy\":\"Local\""));
        fires(fired, "FairleadNoLocalEndpoints", () -> {});
        agent.annotate("good", WatchedAgent.GOOD, "fairlead.io/balance", "nonsense");
        fires(fired, "FairleadProblems", () -> {});
        fires(fired, "FairleadProgrammingSlow", () -> agent.changeSlice(2));
        agent.configure("20s");
        fires(fired, "FairleadChangeWaits", () -> agent.changeSlice(0));
        // The machine.
        Runnable hold =
                () -> {
                    try {
                        Socket socket = agent.keep(new Socket());
                        socket.connect(
                                new InetSocketAddress(
                                        InetAddress.ofLiteral(WatchedAgent.GOOD),
                                        WatchedAgent.PORT),
                                60_000);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                };
        fires(fired, "FairleadLoopBusy", agent::stopForAMoment);
        fires(fired, "FairleadDescriptorsShort", hold);
        fires(fired, "FairleadAcceptPauses", hold);
        // The rest.
        agent.api().goAway();
        fires(fired, "FairleadStateStale", () -> {});
        agent.process().kill();
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
}
