package io.fairlead.k8s;

import io.fairlead.core.service.Balancing;
import java.nio.file.Path;

/// What an agent is started with.
///
/// @param manifests folder with the objects to serve
/// @param nodeName the node to be
/// @param runDir folder that one agent owns
/// @param balance the policy of Services that name none
/// @param threads event loops
public record AgentOptions(
        Path manifests, String nodeName, Path runDir, Balancing.Policy balance, int threads) {

    public AgentOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads + " is not at least 1");
        }
    }

    /// The defaults: least connections, one event loop for each processor.
    public static AgentOptions of(Path manifests, String nodeName) {
        return new AgentOptions(
                manifests,
                nodeName,
                RunDir.defaultPath(),
                Balancing.DEFAULT.policy(),
                Runtime.getRuntime().availableProcessors());
    }

    public AgentOptions withRunDir(Path path) {
        return new AgentOptions(manifests, nodeName, path, balance, threads);
    }

    public AgentOptions withBalance(Balancing.Policy policy) {
        return new AgentOptions(manifests, nodeName, runDir, policy, threads);
    }

    public AgentOptions withThreads(int count) {
        return new AgentOptions(manifests, nodeName, runDir, balance, count);
    }
}
