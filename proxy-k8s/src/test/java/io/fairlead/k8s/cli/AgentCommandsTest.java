package io.fairlead.k8s.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.k8s.Agent;
import io.fairlead.k8s.AgentException;
import io.fairlead.k8s.AgentOptions;
import io.fairlead.k8s.CaptureOptions;
import io.fairlead.k8s.status.BindAddress;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The commands that ask a running agent.
class AgentCommandsTest {

    private static final int PORT = 8080;
    private static final String WEB = "127.9.7.1";
    private static final String EMPTY = "127.9.7.2";
    private static final String LIMITED = "127.9.7.3";

    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private ServerSocket backend;
    private Agent agent;

    AgentCommandsTest() throws IOException {
        backend = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
    }

    @BeforeEach
    void start() throws IOException, AgentException {
        Path manifests = Files.createDirectory(folder.resolve("manifests"));
        Files.writeString(
                manifests.resolve("all.yaml"),
                """
                apiVersion: v1
                kind: Service
                metadata: {name: web, annotations: {fairlead.io/balance: "\\e[31mfast\\n"}}
                spec: {clusterIP: %1$s, ports: [{name: http, port: %3$d}]}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: empty}
                spec: {clusterIP: %2$s, ports: [{port: %3$d}]}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: limited, annotations: {fairlead.io/max-connections: "1"}}
                spec: {clusterIP: %5$s, ports: [{name: http, port: %3$d}]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: limited-1, labels: {kubernetes.io/service-name: limited}}
                addressType: IPv4
                ports: [{name: http, port: %4$d}]
                endpoints: [{addresses: [127.0.0.1]}]
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
                addressType: IPv4
                ports: [{name: http, port: %4$d}]
                endpoints:
                - {addresses: [127.0.0.1], nodeName: n1}
                - {addresses: [127.0.0.2], nodeName: n2, conditions: {ready: false}}
                """
                        .formatted(WEB, EMPTY, PORT, backend.getLocalPort(), LIMITED));
        agent =
                Agent.start(
                        AgentOptions.of(manifests, "n1")
                                .withThreads(2)
                                .withRunDir(run())
                                .withCapture(CaptureOptions.DEFAULT.withMode(CaptureMode.LOOPBACK))
                                .withStatus(
                                        StatusOptions.OFF.withAdmin(
                                                BindAddress.parse("127.0.0.1:0"))));
    }

    @AfterEach
    void stop() throws IOException {
        agent.close();
        backend.close();
    }

    private Path run() {
        return folder.resolve("run");
    }

    private int fairlead(String... arguments) {
        out.getBuffer().setLength(0);
        return Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private String ask(String command, String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = command;
        all[1] = "--run-dir";
        all[2] = run().toString();
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        assertThat(fairlead(all)).describedAs("%s", err).isZero();
        if (!out.toString().startsWith("{")) {
            assertThat(out.toString().lines()).allMatch(AgentCommandsTest::fits);
        }
        assertThat(out.toString().replace("\n", "")).doesNotMatch(".*\\p{Cntrl}.*");
        return out.toString();
    }

    /// But for a folder's name, which cannot be broken.
    private static boolean fits(String line) {
        return line.length() <= 80 || line.contains("source ");
    }

    @Test
    void statusFitsOneScreen() {
        String text = ask("status");
        assertThat(text.lines().count()).isLessThan(24);
        assertThat(text)
                .contains(
                        "on node n1", "capture        loopback", "epoll", "3 Services", "problems")
                .contains("fairlead.io/balance");
        assertThat(ask("status", "-o", "json"))
                .contains("\"node\": \"n1\"", "\"problemCount\": 1", "\"services\": 3");
    }

    @Test
    void servicesHaveTheirBackendsAndVerdicts() {
        assertThat(ask("services"))
                .contains("3 service ports", "default/web:http", "ClusterIP " + WEB + " port 8080")
                .contains("127.0.0.1:" + backend.getLocalPort() + " serving")
                .contains("cluster IP (reject)");
        assertThat(ask("services", "-n", "other")).contains("0 service ports");
        assertThat(ask("services", "-o", "json")).contains("\"verdict\": \"reject\"");
    }

    @Test
    void aLiveFlowIsListedWithBothItsEnds() throws IOException {
        try (Socket client = new Socket(InetAddress.ofLiteral(WEB), PORT);
                Socket served = backend.accept()) {
            served.getOutputStream().write(1);
            assertThat(client.getInputStream().read()).isEqualTo(1);
            String text = ask("flows", "--service", "default/web");
            assertThat(text)
                    .contains("127.0.0.1:" + client.getLocalPort() + " -> " + WEB + ":8080")
                    .contains("to 127.0.0.1:" + backend.getLocalPort())
                    .contains("from 127.0.0.1:" + served.getPort())
                    .contains("0 B in, 1 B out, open", "1 flow");
            assertThat(ask("flows", "--service", "default/empty")).startsWith("0 flows");
            assertThat(ask("top", "--count", "1")).containsPattern("default/web:http/TCP +1 ");
        }
    }

    @Test
    void whyNamesTheRuleTheEndpointsAndThePick() {
        String text = ask("why", "127.0.0.1", WEB + ":8080");
        assertThat(text)
                .contains("led to 127.0.0.1:" + backend.getLocalPort() + " of default/web:http")
                .contains("this node itself", "internalTrafficPolicy is Cluster", "the only one")
                .contains("* 127.0.0.1:" + backend.getLocalPort() + " ready on n1")
                .contains("not ready on n2, 0 live flows: neither ready nor serving");
        assertThat(ask("why", "127.0.0.1", EMPTY + ":8080"))
                .contains("refused: no endpoint anywhere is ready");
        assertThat(ask("why", "127.0.0.1", WEB + ":81")).contains("it is at TCP 8080");
        assertThat(ask("why", "127.0.0.1", "192.0.2.1:80")).contains("no VIP of this node");
        assertThat(ask("why", "127.0.0.1", WEB + ":8080", "-o", "json"))
                .contains("\"outcome\": \"led\"");
    }

    @Test
    void whyAnswersWithTheLimitsOfTheService() throws IOException {
        assertThat(ask("why", "127.0.0.1", LIMITED + ":8080"))
                .contains("within max-connections 1, of which are 0", "led to");
        try (Socket client = new Socket(InetAddress.ofLiteral(LIMITED), PORT);
                Socket served = backend.accept()) {
            served.getOutputStream().write(1);
            assertThat(client.getInputStream().read()).isEqualTo(1);
            assertThat(ask("why", "127.0.0.1", LIMITED + ":8080"))
                    .contains("refused: the Service has as many connections as max-connections");
        }
    }

    @Test
    void whatIsEjectedIsSaidToBeAndWhy() throws IOException {
        backend.close();
        Await.until(
                "it is ejected",
                () -> {
                    refused();
                    return agent.dataPlane().counts().ejectedBackends() > 0;
                });
        String at = "127.0.0.1:" + backend.getLocalPort();
        assertThat(oneLine(ask("status")))
                .contains(at + " of default/web: ", "failed, last refused");
        assertThat(oneLine(ask("services")))
                .containsPattern(at + " ejected, .* connections in a row failed, last refused");
        assertThat(oneLine(ask("why", "127.0.0.1", WEB + ":8080")))
                .contains("the only one, though it is ejected: there are too few others")
                .contains("0 live flows: ejected, flows are led round it where there are others: ")
                .contains("connections in a row failed, last refused");
    }

    private static void refused() {
        try (Socket client = new Socket(InetAddress.ofLiteral(WEB), PORT)) {
            assertThat(client.getInputStream().read()).isNegative();
        } catch (IOException _) {
            // Reset, as its backend refuses.
        }
    }

    /// Without the breaks of lines that do not fit.
    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ");
    }

    @Test
    void aQuestionThatMakesNoSenseIsAnsweredByWhatDoes() {
        assertThat(fairlead("why", "--run-dir", run().toString(), "nobody", WEB + ":80"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("client: give an IP address");
        assertThat(fairlead("flows", "--limit", "0")).isEqualTo(2);
    }

    @Test
    void doctorSaysWhatEachThingIsAndShouldBe() {
        assertThat(fairlead("doctor", "-o", "json")).isZero();
        assertThat(out.toString())
                .contains("net.core.somaxconn", "\"wanted\": \"4096 or more\"", "nf_conntrack")
                .contains("ip_local_port_range", "open files", "BPF sk_lookup", "neighbours");
        assertThat(fairlead("doctor")).isZero();
        // A number, whole.
        assertThat(out.toString())
                .containsPattern("(?s)ip_local_port_range.{0,40} \\d{3,5} \\d{4,5}");
        assertThat(fairlead("doctor", "--service-cidr", "nonsense")).isEqualTo(2);
    }

    @Test
    void withoutAnAgentThereIsOneLineAndARemedy() {
        assertThat(fairlead("status", "--run-dir", folder.resolve("none").toString())).isEqualTo(1);
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(err.toString()).contains("no agent runs with", "'fairlead agent'", "--run-dir");
    }

    /// As `top | head` does.
    @Test
    @Timeout(60)
    void topEndsWhenNobodyReadsItAnyMore() throws IOException {
        OutputStream nobody = OutputStream.nullOutputStream();
        nobody.close();
        int code =
                Main.commandLine()
                        .setOut(new PrintWriter(nobody, true, UTF_8))
                        .setErr(new PrintWriter(err))
                        .execute("top", "--run-dir", run().toString(), "--interval", "1");
        assertThat(code).isEqualTo(1);
        assertThat(err.toString())
                .isEqualToIgnoringNewLines("fairlead: standard output cannot be written to");
    }

    /// A page elsewhere may have a name of its own for 127.0.0.1.
    @Test
    void thePageIsForThisMachineByName() throws Exception {
        int port = agent.admin().pageAddress().orElseThrow().getPort();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> own =
                    client.send(
                            HttpRequest.newBuilder(
                                            URI.create("http://127.0.0.1:" + port + "/v1/status"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(own.statusCode()).isEqualTo(200);
            assertThat(own.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .contains("default-src 'none'");
            for (String path : List.of("/", "/page.js", "/page.css")) {
                HttpResponse<String> file =
                        client.send(
                                HttpRequest.newBuilder(
                                                URI.create("http://127.0.0.1:" + port + path))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
                assertThat(file.statusCode()).isEqualTo(200);
                // What the agent says is text, and nothing is asked of anybody else.
                assertThat(file.body())
                        .doesNotContain(
                                "innerHTML", "insertAdjacentHTML", "document.write", "eval(")
                        .doesNotContainPattern("(src|href)=\"(?![/#])")
                        .doesNotContain("style=", "onclick=");
            }
        }
        try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            socket.getOutputStream()
                    .write(
                            "GET /v1/status HTTP/1.1\r\nHost: evil.example:80\r\n\r\n"
                                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            assertThat(
                            new String(
                                    socket.getInputStream().readAllBytes(),
                                    java.nio.charset.StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 403 ");
        }
    }
}
