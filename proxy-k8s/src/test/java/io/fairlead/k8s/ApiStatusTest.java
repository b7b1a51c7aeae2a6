package io.fairlead.k8s;

import static io.fairlead.k8s.testing.Await.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.k8s.status.StatusOptions;
import io.fairlead.k8s.testing.ApiObjects;
import io.fairlead.k8s.testing.FakeApiServer;
import io.fairlead.k8s.testing.FakeApiServer.Write;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an agent in a cluster tells it, and tells of it.
class ApiStatusTest {

    private static final String VIP = "127.9.5.1";
    private static final int PORT = 8080;

    @TempDir private Path temporary;

    private FakeApiServer api;

    @BeforeEach
    void aCluster() throws IOException {
        api = new FakeApiServer();
        api.put("nodes", "n1", ApiObjects.node("a"));
    }

    @AfterEach
    void end() {
        api.close();
    }

    private Agent start() throws AgentException {
        return Agent.start(
                AgentOptions.DEFAULT
                        .with(d -> {
                            d.source = d.source.withApiServers(List.of(api.uri()));
                            d.nodeName = "n1";
                        })
                        .withCapture(CaptureOptions.DEFAULT.withMode(CaptureMode.LOOPBACK))
                        .withThreads(1)
                        .withRunDir(temporary.resolve("run"))
                        .withStatus(StatusOptions.parse("off", "127.0.0.1:0")));
    }

    private static ServerSocket hold(String address, int port) throws IOException {
        ServerSocket holder = new ServerSocket();
        holder.bind(new InetSocketAddress(InetAddress.ofLiteral(address), port));
        return holder;
    }

    private String event(String reason) {
        until(reason, () -> api.writes().stream().anyMatch(w -> is(w, reason)));
        return api.writes().stream().filter(w -> is(w, reason)).findFirst().orElseThrow().body();
    }

    private static boolean is(Write write, String reason) {
        return write.body().contains("\"reason\":\"" + reason + "\"");
    }

    @Test
    void a1_13_theNodeIsToldOfTheStart() throws Exception {
        try (Agent _ = start()) {
            assertThat(event("Starting"))
                    .contains("\"type\":\"Normal\"")
                    .contains("\"kind\":\"Node\"")
                    .contains("\"name\":\"n1\"");
        }
    }

    @Test
    void a7_6_aVipInUseByAnotherProgramIsAnEventOfTheService() throws Exception {
        api.put("services", "web", ApiObjects.service(VIP, PORT));
        api.put("endpointslices", "web-1", ApiObjects.slice("web", "127.0.0.1", PORT));
        try (ServerSocket _ = hold(VIP, PORT);
                Agent _ = start()) {
            assertThat(event("FailedToCapture"))
                    .contains("\"type\":\"Warning\"")
                    .contains("\"kind\":\"Service\"")
                    .contains("\"name\":\"web\"")
                    .contains("in use")
                    .contains("pid " + ProcessHandle.current().pid());
        }
    }

    @Test
    void a12a_a1_13_aHealthCheckPortThatIsTakenIsAnEventOfTheService() throws Exception {
        try (ServerSocket holder = hold("127.0.0.1", 0)) {
            String web =
                    ApiObjects.service(VIP, PORT)
                            .replace(
                                    "\"type\":\"ClusterIP\"",
                                    "\"type\":\"LoadBalancer\",\"externalTrafficPolicy\":\"Local\","
                                            + "\"healthCheckNodePort\":"
                                            + holder.getLocalPort());
            api.put("services", "web", web);
            try (Agent _ = start()) {
                assertThat(event("FailedToStartServiceHealthcheck"))
                        .contains("\"type\":\"Warning\"")
                        .contains("\"name\":\"web\"")
                        .contains("127.0.0.1:" + holder.getLocalPort());
            }
        }
    }

    @Test
    void a13_requestsToTheApiServerAreMeasured() throws Exception {
        api.refuse("list", "services", new FakeApiServer.Refusal(403, 0));
        try (Agent agent = start();
                HttpClient client = HttpClient.newHttpClient()) {
            event("Starting");
            int port = agent.status().metricsAddress().orElseThrow().getPort();
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                            .build();
            String text = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
            String host = "host=\"" + api.uri().getRawAuthority() + "\"";
            String total = "\nrest_client_requests_total{code=\"";
            String took = "\nrest_client_request_duration_seconds";
            assertThat(text)
                    .contains(total + "200\"," + host + ",method=\"GET\"} ")
                    .contains(total + "403\"," + host + ",method=\"GET\"} 1")
                    .contains(total + "201\"," + host + ",method=\"POST\"} ")
                    .contains(took + "_bucket{" + host + ",verb=\"GET\",le=\"0.005\"} ")
                    .contains(took + "_count{" + host + ",verb=\"POST\"} ");
        }
    }
}
