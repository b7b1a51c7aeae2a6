package io.fairlead.k8s;

import io.fairlead.core.service.Balancing;
import io.fairlead.k8s.status.StatusOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// What an agent is started with.
///
/// @param manifests folder with the objects to serve
/// @param nodeName the node to be
/// @param runDir folder that one agent owns
/// @param balance the policy of Services that name none
/// @param threads event loops
/// @param status the health and metrics servers
public record AgentOptions(
        Path manifests,
        String nodeName,
        Path runDir,
        Balancing.Policy balance,
        int threads,
        StatusOptions status) {

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
                Runtime.getRuntime().availableProcessors(),
                StatusOptions.DEFAULT);
    }

    public AgentOptions withRunDir(Path path) {
        return new AgentOptions(manifests, nodeName, path, balance, threads, status);
    }

    public AgentOptions withBalance(Balancing.Policy policy) {
        return new AgentOptions(manifests, nodeName, runDir, policy, threads, status);
    }

    public AgentOptions withThreads(int count) {
        return new AgentOptions(manifests, nodeName, runDir, balance, count, status);
    }

    public AgentOptions withStatus(StatusOptions servers) {
        return new AgentOptions(manifests, nodeName, runDir, balance, threads, servers);
    }

    /// All of them by name, for people to read.
    Map<String, Object> effective() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("manifests", manifests.toString());
        all.put("nodeName", nodeName);
        all.put("runDir", runDir.toString());
        all.put("balance", balance.word());
        all.put("threads", threads);
        all.put("healthzBindAddress", StatusOptions.text(status.healthz()));
        all.put("metricsBindAddress", StatusOptions.text(status.metrics()));
        return all;
    }
}
