package io.fairlead.k8s.watch;

import static io.fairlead.k8s.testing.ApiObjects.node;
import static io.fairlead.k8s.testing.ApiObjects.service;
import static io.fairlead.k8s.testing.ApiObjects.slice;
import static io.fairlead.k8s.testing.Await.until;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.testing.Certificates;
import io.fairlead.k8s.testing.FakeApiServer;
import io.fairlead.k8s.testing.LogLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ways to the API server (SEMANTICS A16.1), and what is said of those that lead nowhere.
class ApiAccessTest {

    @TempDir private static Path keys;

    @TempDir private Path folder;

    private static Certificates certificates;
    private final AtomicLong clock = new AtomicLong();
    private final List<ClusterUpdate> updates = new CopyOnWriteArrayList<>();
    private FakeApiServer api;

    @BeforeAll
    static void makeKeys() throws Exception {
        certificates = new Certificates(keys);
        certificates.make("server", "RSA");
        certificates.make("other", "RSA");
        certificates.make("client-rsa", "RSA");
        certificates.make("client-ec", "EC");
    }

    @BeforeEach
    void aCluster() throws Exception {
        api = new FakeApiServer(certificates.server("server", List.of("client-rsa", "client-ec")));
        api.put("services", "web", service("10.96.0.1", 80));
        api.put("endpointslices", "web-1", slice("web", "10.1.0.1", 8080));
        api.put("nodes", "n1", node("a"));
    }

    @AfterEach
    void end() {
        api.close();
    }

    private ApiWatch watch(ApiAccess.Source access) {
        return ApiWatch.start(
                access,
                ApiScope.ofNode("n1"),
                WatchOptions.DEFAULT.withCheckpoint(false),
                folder,
                clock::get,
                updates::add);
    }

    private ApiAccess.Source kubeconfig() {
        Path file = folder.resolve("kubeconfig");
        return () -> ApiAccess.kubeconfig(file);
    }

    /// A kubeconfig; `cluster` and `user` are lines of YAML without indentation.
    private void write(String cluster, String user) throws IOException {
        write(api.uri().toString(), cluster, user);
    }

    private void write(String server, String cluster, String user) throws IOException {
        Files.writeString(
                folder.resolve("kubeconfig"),
                """
                apiVersion: v1
                kind: Config
                current-context: it
                contexts: [{name: it, context: {cluster: c, user: u}}]
                clusters:
                - name: c
                  cluster:
                    server: %s
                    %s
                users:
                - name: u
                  user:
                    %s
                """
                        .formatted(server, cluster, user.replace("\n", "\n    ")));
    }

    private String authority() throws Exception {
        return "certificate-authority-data: " + base64(certificates.certificate("server"));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    private void isServed(ApiAccess.Source access) {
        updates.clear();
        try (ApiWatch _ = watch(access)) {
            until("the state arrives", () -> !updates.isEmpty());
            assertThat(updates.getFirst().state().services().size()).isEqualTo(1);
        }
    }

    @Test
    void aTokenInTheKubeconfig() throws Exception {
        api.requireToken("secret");
        write(authority(), "token: secret");
        isServed(kubeconfig());
    }

    @Test
    void aTokenFileNextToTheKubeconfigThatIsRotated() throws Exception {
        Path token = Files.writeString(folder.resolve("my-token"), "first\n");
        api.requireToken("first");
        write(authority(), "tokenFile: my-token");
        try (ApiWatch _ = watch(kubeconfig())) {
            until("the state arrives", () -> !updates.isEmpty());
            Files.writeString(token, "second\n");
            api.requireToken("second");
            api.endWatches("services");
            api.put("services", "more", service("10.96.0.2", 80));
            until("it goes on", () -> updates.getLast().state().services().size() == 2);
        }
    }

    @Test
    void clientCertificatesWithKeysOfBothKindsAsDataAndAsFiles() throws Exception {
        for (String client : List.of("client-rsa", "client-ec")) {
            api.requireClient(client);
            write(
                    authority(),
                    "client-certificate-data: %s\nclient-key-data: %s"
                            .formatted(
                                    base64(certificates.certificate(client)),
                                    base64(certificates.key(client))));
            isServed(kubeconfig());

            Files.writeString(folder.resolve("c.pem"), certificates.certificate(client));
            Files.writeString(folder.resolve("k.pem"), certificates.key(client));
            write(authority(), "client-certificate: c.pem\nclient-key: k.pem");
            isServed(kubeconfig());
        }
    }

    @Test
    void anEcKeyTheWayKubeadmWritesIt() throws Exception {
        api.requireClient("client-ec");
        String key = certificates.sec1Key("client-ec");
        assertThat(key).contains("BEGIN EC PRIVATE KEY");
        write(
                authority(),
                "client-certificate-data: %s\nclient-key-data: %s"
                        .formatted(base64(certificates.certificate("client-ec")), base64(key)));
        isServed(kubeconfig());
    }

    @Test
    void anAuthorityAsFile() throws Exception {
        Files.writeString(folder.resolve("ca.pem"), certificates.certificate("server"));
        write("certificate-authority: ca.pem", "token: any");
        isServed(kubeconfig());
    }

    @Test
    void noVerificationWhereTheKubeconfigSaysSo() throws Exception {
        write("insecure-skip-tls-verify: true", "token: any");
        isServed(kubeconfig());
    }

    @Test
    void thePodsServiceAccount() throws Exception {
        Files.writeString(folder.resolve("token"), "of-the-pod");
        Files.writeString(folder.resolve("ca.crt"), certificates.certificate("server"));
        api.requireToken("of-the-pod");
        Map<String, String> environment =
                Map.of(
                        "KUBERNETES_SERVICE_HOST",
                        "127.0.0.1",
                        "KUBERNETES_SERVICE_PORT",
                        "" + api.uri().getPort());
        isServed(() -> ApiAccess.inCluster(environment, folder));
        assertThat(
                        ApiAccess.inCluster(Map.of("KUBERNETES_SERVICE_HOST", "fd00::1"), folder)
                                .servers())
                .hasToString("[https://[fd00::1]:443]");
        assertThatThrownBy(() -> ApiAccess.inCluster(Map.of(), folder))
                .hasMessageContaining("KUBERNETES_SERVICE_HOST is not set; give --kubeconfig");
    }

    @Test
    void otherServersWithTheCredentialsOfTheKubeconfig() throws Exception {
        api.requireToken("secret");
        write("https://127.0.0.1:1", authority(), "token: secret");
        isServed(() -> kubeconfig().read().withServers(List.of(api.uri())));
    }

    // What leads nowhere: said once a minute, in a line, until it is mended.

    private void isSaidAndMended(String topic, String line, Mending mending) throws Exception {
        try (LogLines log = new LogLines();
                ApiWatch _ = watch(kubeconfig())) {
            until("it is said", () -> !log.with(line).isEmpty());
            assertThat(log.with(topic)).hasSize(1).first().asString().startsWith(topic);
            clock.addAndGet(TimeUnit.SECONDS.toNanos(60));
            until("it is said again after a minute", () -> log.with(line).size() == 2);
            assertThat(updates).isEmpty();
            mending.run();
            clock.addAndGet(TimeUnit.SECONDS.toNanos(31));
            until("it is served", () -> !updates.isEmpty());
            until("that is said too", () -> !log.with("is well again").isEmpty());
            assertThat(log.hasStackTrace()).isFalse();
        }
    }

    private interface Mending {
        void run() throws Exception;
    }

    private void mend() throws Exception {
        write(authority(), "token: any");
    }

    private static final String ACCESS = "access to the API server: ";

    @Test
    void aKubeconfigThatIsMissing() throws Exception {
        isSaidAndMended(ACCESS, "no such kubeconfig; give --kubeconfig a file", this::mend);
    }

    @Test
    void aKubeconfigThatCannotBeRead() throws Exception {
        Path there = Files.createDirectory(folder.resolve("kubeconfig"));
        isSaidAndMended(
                ACCESS,
                "this kubeconfig cannot be read",
                () -> {
                    Files.delete(there);
                    mend();
                });
    }

    @Test
    void aKubeconfigThatIsNone() throws Exception {
        Files.writeString(folder.resolve("kubeconfig"), "clusters: [}\n");
        isSaidAndMended(ACCESS, "is not a kubeconfig", this::mend);
    }

    @Test
    void aKubeconfigWithoutItsContext() throws Exception {
        Files.writeString(folder.resolve("kubeconfig"), "apiVersion: v1\nkind: Config\n");
        isSaidAndMended(ACCESS, "it has no current-context", this::mend);
    }

    @Test
    void anAuthorityThatIsNone() throws Exception {
        write("certificate-authority-data: " + base64("nonsense"), "token: any");
        isSaidAndMended("the API server at ", "no trusted connection", this::mend);
    }

    @Test
    void aServerThatIsNotTrusted() throws Exception {
        write(
                "certificate-authority-data: " + base64(certificates.certificate("other")),
                "token: any");
        isSaidAndMended("the API server at ", "no trusted connection", this::mend);
    }

    @Test
    void aTokenThatNobodyKnows() throws Exception {
        api.requireToken("right");
        write(authority(), "token: wrong");
        try (LogLines log = new LogLines();
                ApiWatch _ = watch(kubeconfig())) {
            until("it is said", () -> !log.with("refuses services: 401").isEmpty());
            write(authority(), "token: right");
            // Nothing but time makes it read the kubeconfig again.
            clock.addAndGet(TimeUnit.SECONDS.toNanos(31));
            until("it is served", () -> !updates.isEmpty());
            assertThat(log.hasStackTrace()).isFalse();
        }
    }

    @Test
    void aServerThatIsNotThere() throws Exception {
        api.goAway();
        mend();
        isSaidAndMended("the API server at ", "cannot be reached", api::comeBack);
    }

    @Test
    void aRightThatIsMissing() throws Exception {
        mend();
        api.forbid("services", true);
        isSaidAndMended(
                "the API server at ",
                "refuses services: 403, we may not read them; give the agent's account the rules",
                () -> api.forbid("services", false));
    }
}
