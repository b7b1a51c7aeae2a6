package io.fairlead.k8s.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.k8s.Agent;
import io.fairlead.k8s.AgentOptions;
import io.fairlead.k8s.CaptureOptions;
import io.fairlead.k8s.admin.AccessLogOptions;
import io.fairlead.k8s.status.StatusOptions;
import io.fairlead.k8s.testing.Await;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// Manifests whose every text is meant to break what shows it. The page has its own test.
class HostileNamesTest {

    /// Ends a line, a string, a tag and a label; moves a cursor; turns the writing round.
    private static final String HOSTILE = "a\"\\n{}',=<b>\\e[31m\\u202e\\u0007\\t$(x) #";

    private static final String VIP = "127.9.13.1";
    private static final int PORT = 8080;

    @TempDir private Path folder;

    private final ServerSocket backend;
    private Agent agent;

    HostileNamesTest() throws IOException {
        backend = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
    }

    @BeforeEach
    void start() throws Exception {
        Path manifests = Files.createDirectory(folder.resolve("manifests"));
        String text = "\"" + HOSTILE.replace("\"", "\\\"") + "\"";
        Files.writeString(
                manifests.resolve("all.yaml"),
                """
                apiVersion: v1
                kind: Service
                metadata: {name: %1$s, namespace: %1$s}
                spec: {clusterIP: 127.9.13.2, ports: [{name: %1$s, port: %3$d}]}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: web, annotations: {fairlead.io/balance: %1$s, %1$s: %1$s}, labels: {x: %1$s}}
                spec: {clusterIP: %2$s, ports: [{name: http, port: %3$d}, {name: %1$s, port: 81}]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: %1$s, labels: {kubernetes.io/service-name: web}}
                addressType: IPv4
                ports: [{name: http, port: %4$d}]
                endpoints:
                - {addresses: [127.0.0.1], nodeName: %1$s, zone: %1$s, hints: {forZones: [{name: %1$s}]}}
                - {addresses: [%1$s]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: web-2, labels: {kubernetes.io/service-name: web}}
                addressType: IPv4
                ports: [{name: http, port: %4$d}]
                endpoints: [{addresses: [127.0.0.1], nodeName: %1$s, zone: %1$s}]
                """
                        .formatted(text, VIP, PORT, backend.getLocalPort()));
        agent =
                Agent.start(
                        AgentOptions.of(manifests, "n1")
                                .withThreads(1)
                                .withRunDir(folder.resolve("run"))
                                .withCapture(CaptureOptions.DEFAULT.withMode(CaptureMode.LOOPBACK))
                                .withStatus(StatusOptions.parse("off", "127.0.0.1:0"))
                                .withAccessLog(AccessLogOptions.DEFAULT.withTo(log().toString())));
        try (Socket client = new Socket(InetAddress.ofLiteral(VIP), PORT);
                Socket served = backend.accept()) {
            served.getOutputStream().write(1);
            assertThat(client.getInputStream().read()).isOne();
        }
    }

    @AfterEach
    void stop() throws IOException {
        agent.close();
        backend.close();
    }

    private Path log() {
        return folder.resolve("access.log");
    }

    private String fairlead(String... arguments) {
        StringWriter out = new StringWriter();
        String[] all = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--run-dir";
        all[arguments.length + 1] = folder.resolve("run").toString();
        assertThat(Main.commandLine().setOut(new PrintWriter(out)).execute(all)).isZero();
        return out.toString();
    }

    @Test
    void theTerminalShowsThemOnTheirLine() {
        for (List<String> command :
                List.of(
                        List.of("status"),
                        List.of("services"),
                        List.of("flows"),
                        List.of("why", "127.0.0.1", VIP + ":8080"),
                        List.of("why", "127.0.0.1", VIP + ":81"),
                        List.of("top", "--count", "1"))) {
            String text = fairlead(command.toArray(String[]::new));
            assertThat(text.replace("\n", ""))
                    .as("%s", command)
                    .doesNotMatch(".*[\\p{Cntrl}\\u202e].*");
        }
        assertThat(agent.problems()).isNotEmpty();
    }

    @Test
    void programsReadWhatTheyWere() {
        for (String command : List.of("status", "services", "flows")) {
            assertThat(JsonMapper.shared().readTree(fairlead(command, "-o", "json")).isObject())
                    .isTrue();
        }
    }

    @Test
    void theLineOfAConnectionIsOneLineOfJson() throws IOException {
        Await.until(
                "it is written",
                () -> {
                    try {
                        return Files.exists(log()) && Files.readString(log()).contains("web");
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
        List<String> lines = Files.readAllLines(log());
        assertThat(lines).hasSize(1);
        assertThat(JsonMapper.shared().readTree(lines.getFirst()).path("service").asString())
                .isEqualTo("default/web");
    }

    @Test
    void metricsStayInTheirFormat() throws Exception {
        int port = agent.status().metricsAddress().orElseThrow().getPort();
        String text;
        try (HttpClient client = HttpClient.newHttpClient()) {
            text =
                    client.send(
                                    HttpRequest.newBuilder(
                                                    URI.create(
                                                            "http://127.0.0.1:"
                                                                    + port
                                                                    + "/metrics"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body();
        }
        Process promtool =
                new ProcessBuilder("promtool", "check", "metrics")
                        .redirectErrorStream(true)
                        .start();
        try (OutputStream in = promtool.getOutputStream()) {
            in.write(text.getBytes(UTF_8));
        }
        // What it says of kube-proxy's own names is said elsewhere.
        assertThat(new String(promtool.getInputStream().readAllBytes(), UTF_8))
                .doesNotContain("error while linting", "parsing error");
        assertThat(text).contains("service=\"web\"");
    }
}
