package io.fairlead.k8s.cli;

import io.fairlead.k8s.Agent;
import io.fairlead.k8s.AgentException;
import io.fairlead.k8s.AgentOptions;
import io.fairlead.k8s.FailedIo;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.config.CommandLineKeys;
import io.fairlead.k8s.config.ConfigException;
import io.fairlead.k8s.config.ConfigKeys;
import io.fairlead.k8s.config.ConfigReload;
import io.fairlead.k8s.config.Configuration;
import io.fairlead.k8s.config.DefaultFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `fairlead agent`: serves until it is told to stop.
///
/// Its options are its own and those of [CommandLineKeys].
@Command(
        name = "agent",
        description =
                "Serve the Services of a cluster, or of a folder of manifests, on this node, until"
                        + " SIGTERM or Ctrl-C.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was told to stop, and nothing of it is left in the kernel",
            "1:it cannot serve: the way of capture that was asked for does not work here, another"
                    + " agent serves, a file is wrong; or something of it is left. One line on"
                    + " standard error says which",
            "2:the command line is wrong"
        },
        modelTransformer = KeyOptions.class)
final class AgentCommand implements Callable<Integer> {

    /// Set in each pod by kubelet.
    private static final String POD_VARIABLE = "KUBERNETES_SERVICE_HOST";

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "Configuration: a FairleadConfiguration, or the KubeProxyConfiguration that a"
                            + " node has. Followed for changes. Options win over it.")
    private @Nullable Path config;

    @Option(
            names = "--write-config-to",
            paramLabel = "FILE",
            description = "Write a configuration with all defaults to a new file, and end.")
    private @Nullable Path writeConfigTo;

    @Option(
            names = "--takeover",
            description =
                    "Take over from the agent that serves with the same --run-dir, which no"
                            + " connection notices; without one, start as usual.")
    private boolean takeover;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws CommandException, InterruptedException {
        if (writeConfigTo != null) {
            return write(writeConfigTo);
        }
        Configuration configuration = configuration();
        LogSetup.setLevel(configuration.options().logLevel());
        for (Problem warning : configuration.warnings()) {
            LoggerFactory.getLogger(Configuration.class).warn("{}", warning);
        }
        try (StopSignal stop = new StopSignal()) {
            Agent agent = start(configuration, stop);
            var _ = agent.succeeded().thenRun(stop::request);
            try (agent;
                    ConfigReload _ =
                            ConfigReload.follow(configuration, next -> reconfigure(agent, next))) {
                stop.await();
                agent.drain(stop::isRepeated);
                if (agent.succeeded().isDone() && System.getenv(POD_VARIABLE) != null) {
                    // It would be started again in its pod, and take over from its successor.
                    LoggerFactory.getLogger(Agent.class)
                            .info("no flow is left here; ends with its pod");
                    stop.awaitSignal();
                }
                stop.mustEndSoon();
            }
            List<String> left = agent.leftovers();
            left.forEach(line -> LoggerFactory.getLogger(Agent.class).error("left: {}", line));
            int code = left.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
            stop.exitWith(code);
            return code;
        } catch (AgentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    private Agent start(Configuration configuration, StopSignal stop) throws AgentException {
        if (takeover) {
            // It may wait for long, and changes nothing until it takes over.
            stop.interrupt(Thread.currentThread());
        }
        try {
            return Agent.start(configuration.options(), ConfigKeys::describe, takeover);
        } finally {
            stop.interruptNobody();
        }
    }

    private static void reconfigure(Agent agent, AgentOptions next) {
        LogSetup.setLevel(next.logLevel());
        agent.reconfigure(next);
    }

    private Configuration configuration() throws CommandException {
        CommandLineKeys keys = new CommandLineKeys();
        try {
            KeyOptions.read(spec, keys);
            return Configuration.load(
                    config, List.of(CommandLineKeys.ofEnvironment(System.getenv()), keys.layer()));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "fairlead: " + e.getMessage());
        } catch (ConfigException e) {
            throw new CommandException(
                    String.join(
                            "\nfairlead: ", e.problems().stream().map(Problem::toString).toList()),
                    e);
        }
    }

    private static int write(Path file) throws CommandException {
        try {
            Files.writeString(
                    file,
                    DefaultFile.text(),
                    java.nio.file.StandardOpenOption.CREATE_NEW,
                    java.nio.file.StandardOpenOption.WRITE);
            return ExitCode.OK;
        } catch (java.nio.file.FileAlreadyExistsException e) {
            throw new CommandException(file + ": there is one already; name a new file", e);
        } catch (IOException e) {
            throw new CommandException(FailedIo.reason(e), e);
        }
    }
}
