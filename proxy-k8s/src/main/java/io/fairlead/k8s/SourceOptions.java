package io.fairlead.k8s;

import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.watch.ApiAccess;
import io.fairlead.k8s.watch.ApiScope;
import io.fairlead.k8s.watch.ApiWatch;
import io.fairlead.k8s.watch.ManifestFolder;
import io.fairlead.k8s.watch.StateSource;
import io.fairlead.k8s.watch.WatchOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Where the objects to serve come from: a folder of manifests, or an API server.
///
/// @param manifests the folder; null for an API server
/// @param kubeconfig how to reach the API server; null for the pod's service account
/// @param apiServers in place of the one that the kubeconfig or the pod names; empty for that one
public record SourceOptions(
        @Nullable Path manifests, @Nullable Path kubeconfig, List<URI> apiServers) {

    /// The API server of the pod that the agent runs in.
    public static final SourceOptions IN_CLUSTER = new SourceOptions(null, null, List.of());

    public SourceOptions {
        apiServers = List.copyOf(apiServers);
        if (manifests != null && (kubeconfig != null || !apiServers.isEmpty())) {
            throw new IllegalArgumentException(
                    "a folder of manifests goes without kubeconfig and API servers");
        }
    }

    /// A folder, and so no API server.
    public SourceOptions withManifests(@Nullable Path folder) {
        return folder == null
                ? new SourceOptions(null, kubeconfig, apiServers)
                : new SourceOptions(folder, null, List.of());
    }

    /// An API server, and so no folder.
    public SourceOptions withKubeconfig(@Nullable Path file) {
        return new SourceOptions(file == null ? manifests : null, file, apiServers);
    }

    /// API servers, and so no folder.
    public SourceOptions withApiServers(List<URI> servers) {
        return new SourceOptions(servers.isEmpty() ? manifests : null, kubeconfig, servers);
    }

    /// Whether it can be read at once and is the operator's own; the agent then starts with its
    /// first state or not at all.
    public boolean isLocal() {
        return manifests != null;
    }

    /// For people to read.
    public String name() {
        return manifests == null ? "API server" : manifests.toString();
    }

    /// Follows the source until it is closed.
    ///
    /// @param options for sources that may be away
    /// @param runDir folder that the agent owns
    /// @throws IOException when it can never give a state; the message says why in one line
    StateSource open(
            ApiScope scope, Consumer<ClusterUpdate> consumer, WatchOptions options, Path runDir)
            throws IOException {
        return manifests == null
                ? ApiWatch.start(access(), scope, options, runDir, consumer)
                : ManifestFolder.watch(manifests, consumer);
    }

    /// What is missing may come later, or be mended: a kubeconfig, a token.
    private ApiAccess.Source access() {
        if (kubeconfig != null) {
            Path file = kubeconfig;
            return () -> {
                ApiAccess access = ApiAccess.kubeconfig(file);
                return apiServers.isEmpty() ? access : access.withServers(apiServers);
            };
        }
        if (apiServers.isEmpty()) {
            return () -> ApiAccess.inCluster(System.getenv(), ApiAccess.SERVICE_ACCOUNT);
        }
        return () -> ApiAccess.servers(apiServers, ApiAccess.SERVICE_ACCOUNT);
    }
}
