package io.fairlead.k8s.cli;

import io.fairlead.core.service.Balancing;
import io.fairlead.k8s.Agent;
import io.fairlead.k8s.AgentException;
import io.fairlead.k8s.AgentOptions;
import io.fairlead.k8s.status.BindAddress;
import io.fairlead.k8s.status.StatusOptions;
import io.fairlead.k8s.watch.ApiAccess;
import io.fairlead.k8s.watch.ApiScope;
import io.fairlead.k8s.watch.ApiWatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `fairlead agent`: serves until it is told to stop.
@Command(
        name = "agent",
        description =
                "Serve the Services of a cluster, or of a folder of manifests, on this node, until"
                        + " SIGTERM or Ctrl-C.",
        mixinStandardHelpOptions = true)
final class AgentCommand implements Callable<Integer> {

    @Option(
            names = "--manifests",
            paramLabel = "DIR",
            description =
                    "Instead of the API server: folder with Services, EndpointSlices, Nodes and ServiceCIDRs as YAML or JSON,"
                            + " watched for changes.")
    private @Nullable Path manifests;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description =
                    "How to reach the API server. Default: the service account of the pod that the"
                            + " agent runs in.")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--api-server",
            paramLabel = "URL",
            split = ",",
            description =
                    "The API server, in place of the one that the kubeconfig or the pod names;"
                            + " repeated or with commas, the next is used when one cannot be"
                            + " reached.")
    private List<String> apiServers = List.of();

    @Option(
            names = "--service-proxy-name",
            paramLabel = "NAME",
            description =
                    "Serve exactly the Services whose label service.kubernetes.io/service-proxy-name"
                            + " is NAME. Default: those without the label.")
    private @Nullable String serviceProxyName;

    @Option(
            names = "--node-name",
            paramLabel = "NAME",
            description = "Name of this node's Node object. Default: the host's name.")
    private @Nullable String nodeName;

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            description = "Folder that one agent owns. Default: /run/fairlead, or one's own.")
    private @Nullable Path runDir;

    @Option(
            names = "--balance",
            paramLabel = "POLICY",
            defaultValue = "least-connections",
            description =
                    "How Services choose a backend that have no fairlead.io/balance annotation:"
                            + " least-connections, maglev, round-robin, random or source-hash."
                            + " Default: ${DEFAULT-VALUE}.")
    private String balance;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Event loops. Default: one for each processor.")
    private @Nullable Integer threads;

    @Option(
            names = "--healthz-bind-address",
            paramLabel = "HOST:PORT",
            defaultValue = StatusOptions.DEFAULT_HEALTHZ,
            description =
                    "Where /healthz and /livez answer; off for nowhere. Default: ${DEFAULT-VALUE}.")
    private String healthz;

    @Option(
            names = "--metrics-bind-address",
            paramLabel = "HOST:PORT",
            defaultValue = StatusOptions.DEFAULT_METRICS,
            description =
                    "Where /metrics, /configz and /proxyMode answer; off for nowhere."
                            + " Default: ${DEFAULT-VALUE}.")
    private String metrics;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws CommandException, InterruptedException {
        try (StopSignal stop = new StopSignal();
                Agent _ = Agent.start(options())) {
            stop.await();
            return ExitCode.OK;
        } catch (AgentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    private AgentOptions options() throws CommandException {
        AgentOptions options =
                base().withBalance(policy())
                        .withServiceProxyName(serviceProxyName)
                        .withStatus(status());
        if (runDir != null) {
            options = options.withRunDir(runDir);
        }
        if (threads != null) {
            if (threads < 1) {
                throw wrong("--threads " + threads + ": at least 1 is needed");
            }
            options = options.withThreads(threads);
        }
        return options;
    }

    private AgentOptions base() throws CommandException {
        if (manifests != null) {
            if (kubeconfig != null || !apiServers.isEmpty()) {
                throw wrong("--manifests goes without --kubeconfig and --api-server");
            }
            return AgentOptions.of(manifests, nodeName());
        }
        ApiScope scope = new ApiScope(nodeName(), serviceProxyName);
        try {
            ApiAccess.Source access = access();
            return AgentOptions.of(
                    new AgentOptions.Source(
                            (consumer, options, folder) ->
                                    ApiWatch.start(access, scope, options, folder, consumer),
                            false,
                            "API server"),
                    scope.nodeName());
        } catch (IOException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    /// A kubeconfig may come later, or be mended; an environment that lacks something will not.
    private ApiAccess.Source access() throws IOException {
        List<URI> servers = new ArrayList<>();
        for (String url : apiServers) {
            servers.add(ApiAccess.server(url));
        }
        if (kubeconfig != null) {
            Path file = kubeconfig;
            return () -> {
                ApiAccess access = ApiAccess.kubeconfig(file);
                return servers.isEmpty() ? access : access.withServers(servers);
            };
        }
        if (servers.isEmpty()) {
            ApiAccess.inCluster(System.getenv(), ApiAccess.SERVICE_ACCOUNT);
            return () -> ApiAccess.inCluster(System.getenv(), ApiAccess.SERVICE_ACCOUNT);
        }
        return () -> ApiAccess.servers(servers, ApiAccess.SERVICE_ACCOUNT);
    }

    private StatusOptions status() {
        return new StatusOptions(
                bindAddress("--healthz-bind-address", healthz),
                bindAddress("--metrics-bind-address", metrics));
    }

    private @Nullable BindAddress bindAddress(String option, String value) {
        try {
            return BindAddress.parse(value);
        } catch (IllegalArgumentException e) {
            throw wrong(option + ": " + e.getMessage());
        }
    }

    private Balancing.Policy policy() {
        return Balancing.Policy.ofWord(balance)
                .orElseThrow(() ->
                        wrong(
                                "--balance "
                                        + balance
                                        + ": not one of least-connections, maglev,"
                                        + " round-robin, random, source-hash"));
    }

    /// As given, else the host's name; trimmed and in lower case (SEMANTICS A1.6).
    private String nodeName() {
        String name = (nodeName == null ? hostName() : nodeName).strip().toLowerCase(Locale.ROOT);
        if (name.isEmpty()) {
            throw wrong("--node-name is empty");
        }
        return name;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            return "localhost";
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), "fairlead: " + message);
    }
}
