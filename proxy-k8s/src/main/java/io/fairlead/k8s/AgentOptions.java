package io.fairlead.k8s;

import io.fairlead.core.service.Balancing;
import io.fairlead.k8s.watch.ManifestFolder;
import io.fairlead.k8s.watch.StateSource;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What an agent is started with.
///
/// @param source where the objects to serve come from
/// @param isSourceLocal whether the source can be read at once and is the operator's own; the agent
///   then starts with its first state or not at all
/// @param nodeName the node to be
/// @param runDir folder that one agent owns
/// @param balance the policy of Services that name none
/// @param threads event loops
/// @param serviceProxyName serve exactly the Services with this service-proxy-name label; null for
///   those without the label
public record AgentOptions(
        StateSource.Opener source,
        boolean isSourceLocal,
        String nodeName,
        Path runDir,
        Balancing.Policy balance,
        int threads,
        @Nullable String serviceProxyName) {

    public AgentOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads + " is not at least 1");
        }
    }

    /// The defaults: least connections, one event loop for each processor.
    public static AgentOptions of(Path manifests, String nodeName) {
        return of(consumer -> ManifestFolder.watch(manifests, consumer), nodeName)
                .withSourceLocal(true);
    }

    /// The same for a source that may be away.
    public static AgentOptions of(StateSource.Opener source, String nodeName) {
        return new AgentOptions(
                source,
                false,
                nodeName,
                RunDir.defaultPath(),
                Balancing.DEFAULT.policy(),
                Runtime.getRuntime().availableProcessors(),
                null);
    }

    private AgentOptions withSourceLocal(boolean local) {
        return new AgentOptions(
                source, local, nodeName, runDir, balance, threads, serviceProxyName);
    }

    public AgentOptions withRunDir(Path path) {
        return new AgentOptions(
                source, isSourceLocal, nodeName, path, balance, threads, serviceProxyName);
    }

    public AgentOptions withBalance(Balancing.Policy policy) {
        return new AgentOptions(
                source, isSourceLocal, nodeName, runDir, policy, threads, serviceProxyName);
    }

    public AgentOptions withThreads(int count) {
        return new AgentOptions(
                source, isSourceLocal, nodeName, runDir, balance, count, serviceProxyName);
    }

    public AgentOptions withServiceProxyName(@Nullable String name) {
        return new AgentOptions(source, isSourceLocal, nodeName, runDir, balance, threads, name);
    }
}
