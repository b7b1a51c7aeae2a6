package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How to reach the API server, and as whom.
///
/// Immutable. Nothing of the environment is taken but what the factories name: no proxy settings,
/// no other kubeconfig.
public final class ApiAccess {

    /// Where the kubelet puts a pod's credentials.
    public static final Path SERVICE_ACCOUNT =
            Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    /// Doubles up to 32 times: after an outage of any length the next attempt is 3.2 s away.
    private static final int RETRY_MILLIS = 100;

    /// The watches try again by themselves; this is for 429 with Retry-After, and single hiccups.
    private static final int REQUEST_RETRIES = 2;

    private static final int CONNECT_MILLIS = 5_000;
    private static final int REQUEST_MILLIS = 30_000;

    private final Config config;
    private final @Nullable TokenFile tokenFile;
    private final List<URI> servers;

    private ApiAccess(Config config, @Nullable TokenFile tokenFile, List<URI> servers) {
        this.config = config;
        this.tokenFile = tokenFile;
        this.servers = List.copyOf(servers);
    }

    /// As a kubeconfig's current context says.
    ///
    /// @throws IOException when it cannot be used; the message names the file and what to do
    public static ApiAccess kubeconfig(Path file) throws IOException {
        Kubeconfig kubeconfig = Kubeconfig.read(file);
        return new ApiAccess(
                kubeconfig.config(), kubeconfig.tokenFile(), List.of(kubeconfig.server()));
    }

    /// As the kubelet tells a pod.
    ///
    /// @param environment with `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`
    /// @param account folder with `token` and `ca.crt`
    /// @throws IOException outside of a cluster; the message says what to do
    public static ApiAccess inCluster(Map<String, String> environment, Path account)
            throws IOException {
        String host = environment.get("KUBERNETES_SERVICE_HOST");
        if (host == null || host.isEmpty()) {
            throw new IOException(
                    "no way to the API server: KUBERNETES_SERVICE_HOST is not set; give"
                            + " --kubeconfig FILE, --api-server URL or --manifests DIR");
        }
        String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
        String literal = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        Path token = account.resolve("token");
        if (!Files.isReadable(token)) {
            throw new IOException(
                    token
                            + ": no token of a service account; set"
                            + " automountServiceAccountToken, or give --kubeconfig FILE");
        }
        return servers(List.of(server("https://" + literal + ":" + port)), account);
    }

    /// These servers, with the credentials of a pod where there are any.
    ///
    /// @param account folder with `token` and `ca.crt`; need not exist
    public static ApiAccess servers(List<URI> servers, Path account) {
        Config config = Config.empty();
        Path authority = account.resolve("ca.crt");
        if (Files.isReadable(authority)) {
            config.setCaCertFile(authority.toString());
        }
        Path token = account.resolve("token");
        return new ApiAccess(
                config, Files.isReadable(token) ? new TokenFile(token) : null, servers);
    }

    /// The same credentials, other servers: each is used until it cannot be reached.
    public ApiAccess withServers(List<URI> others) {
        return new ApiAccess(config, tokenFile, others);
    }

    /// A server's URL as users write it.
    ///
    /// @throws IOException when it is none; the message says what to write
    public static URI server(String text) throws IOException {
        try {
            URI uri = URI.create(text.strip());
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            boolean bare = uri.getRawPath().isEmpty() || uri.getRawPath().equals("/");
            if (web && bare && uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException _) {
            // Told below.
        }
        throw new IOException(
                "'" + text + "' is not the URL of an API server; write https://HOST:PORT");
    }

    /// The servers, in the order in which they are tried.
    public List<URI> servers() {
        return servers;
    }

    /// Reads how to reach the API server, each time anew.
    @FunctionalInterface
    public interface Source {
        /// Reads it as it is now.
        ///
        /// @throws IOException when it cannot be used; the message says why and what to do
        ApiAccess read() throws IOException;
    }

    /// A client, whose owner closes it, and what goes over its connections.
    record Connection(KubernetesClient client, ApiServers servers, ApiExchanges exchanges) {}

    /// Makes a client; nothing is asked yet.
    ///
    /// @param avoid the server that does not answer; null when none is known not to
    /// @throws IOException when the credentials cannot be used; the message says what to do
    Connection connect(
            ApiContact contact, ApiRequests requests, ApiExchanges exchanges, @Nullable URI avoid)
            throws IOException {
        ApiServers all = new ApiServers(servers).after(avoid);
        try {
            return new Connection(client(all, contact, requests, exchanges), all, exchanges);
        } catch (RuntimeException e) {
            throw new IOException(
                    "the credentials for "
                            + all.current()
                            + " cannot be used ("
                            + ApiFailures.firstLine(ApiFailures.root(e))
                            + "); check the certificates and the key of the kubeconfig or service"
                            + " account",
                    e);
        }
    }

    private KubernetesClient client(
            ApiServers all, ApiContact contact, ApiRequests requests, ApiExchanges exchanges) {
        Config full =
                new ConfigBuilder(config)
                        .withMasterUrl(servers.getFirst().toString())
                        .withAutoConfigure(false)
                        .withOnlyHttpWatches(true)
                        // Offered an upgrade without TLS, the JDK's client takes the head of an
                        // answer for incomplete until its first byte: a quiet watch never opens.
                        .withHttp2Disable(
                                servers.stream().anyMatch(s -> "http".equals(s.getScheme())))
                        .withUserAgent("fairlead")
                        .withWatchReconnectInterval(RETRY_MILLIS)
                        .withRequestRetryBackoffInterval(RETRY_MILLIS)
                        .withRequestRetryBackoffLimit(REQUEST_RETRIES)
                        .withConnectionTimeout(CONNECT_MILLIS)
                        .withRequestTimeout(REQUEST_MILLIS)
                        .build();
        ApiTraffic traffic = new ApiTraffic(all, tokenFile, contact, requests, exchanges);
        return new KubernetesClientBuilder()
                .withConfig(full)
                .withHttpClientBuilderConsumer(
                        b -> b.addOrReplaceInterceptor(ApiTraffic.NAME, traffic))
                .build();
    }
}
