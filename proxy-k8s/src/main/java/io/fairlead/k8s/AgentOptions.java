package io.fairlead.k8s;

import io.fairlead.core.service.Balancing;
import io.fairlead.k8s.status.StatusOptions;
import io.fairlead.k8s.watch.ManifestFolder;
import io.fairlead.k8s.watch.StateSource;
import io.fairlead.k8s.watch.WatchOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an agent is started with.
///
/// @param source where the objects to serve come from
/// @param nodeName the node to be
/// @param runDir folder that one agent owns
/// @param balance the policy of Services that name none
/// @param threads event loops
/// @param serviceProxyName serve exactly the Services with this service-proxy-name label; null for
///   those without the label
/// @param status the health and metrics servers
/// @param watch how much the API server is believed
public record AgentOptions(
        Source source,
        String nodeName,
        Path runDir,
        Balancing.Policy balance,
        int threads,
        @Nullable String serviceProxyName,
        StatusOptions status,
        WatchOptions watch) {

    /// Where the objects come from.
    ///
    /// @param isLocal whether it can be read at once and is the operator's own; the agent then
    ///   starts with its first state or not at all
    /// @param name for people to read
    public record Source(StateSource.Opener opener, boolean isLocal, String name) {}

    public AgentOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads + " is not at least 1");
        }
    }

    /// The defaults for a folder of manifests: least connections, one event loop for each
    /// processor.
    public static AgentOptions of(Path manifests, String nodeName) {
        return of(
                new Source(
                        (consumer, _, _) -> ManifestFolder.watch(manifests, consumer),
                        true,
                        manifests.toString()),
                nodeName);
    }

    /// The same for any source.
    public static AgentOptions of(Source source, String nodeName) {
        return new AgentOptions(
                source,
                nodeName,
                RunDir.defaultPath(),
                Balancing.DEFAULT.policy(),
                Runtime.getRuntime().availableProcessors(),
                null,
                StatusOptions.DEFAULT,
                WatchOptions.DEFAULT);
    }

    public AgentOptions withRunDir(Path path) {
        return new AgentOptions(
                source, nodeName, path, balance, threads, serviceProxyName, status, watch);
    }

    public AgentOptions withBalance(Balancing.Policy policy) {
        return new AgentOptions(
                source, nodeName, runDir, policy, threads, serviceProxyName, status, watch);
    }

    public AgentOptions withThreads(int count) {
        return new AgentOptions(
                source, nodeName, runDir, balance, count, serviceProxyName, status, watch);
    }

    public AgentOptions withServiceProxyName(@Nullable String name) {
        return new AgentOptions(source, nodeName, runDir, balance, threads, name, status, watch);
    }

    public AgentOptions withStatus(StatusOptions servers) {
        return new AgentOptions(
                source, nodeName, runDir, balance, threads, serviceProxyName, servers, watch);
    }

    public AgentOptions withWatch(WatchOptions api) {
        return new AgentOptions(
                source, nodeName, runDir, balance, threads, serviceProxyName, status, api);
    }

    /// All of them by name, for people to read.
    Map<String, Object> effective() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("source", source.name());
        all.put("nodeName", nodeName);
        all.put("runDir", runDir.toString());
        all.put("balance", balance.word());
        all.put("threads", threads);
        all.put("serviceProxyName", serviceProxyName == null ? "" : serviceProxyName);
        all.put("emptyListHold", watch.emptyListHold().toSeconds() + "s");
        all.put("checkpoint", watch.checkpoint());
        all.put("healthzBindAddress", StatusOptions.text(status.healthz()));
        all.put("metricsBindAddress", StatusOptions.text(status.metrics()));
        return all;
    }
}
