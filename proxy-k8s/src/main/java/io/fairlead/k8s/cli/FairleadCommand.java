package io.fairlead.k8s.cli;

import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `fairlead`, which does nothing but hold its commands.
@Command(
        name = "fairlead",
        description = "A user-space L4 service proxy and load balancer for Kubernetes.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionCommand.Provider.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:could not be done; one line on standard error says why",
            "2:wrong command line",
            "70:a defect of fairlead"
        })
final class FairleadCommand implements Runnable {

    /// Its commands by name.
    private static final Map<String, Class<?>> COMMANDS =
            Map.ofEntries(
                    Map.entry("agent", AgentCommand.class),
                    Map.entry("cleanup", CleanupCommand.class),
                    Map.entry("demo", DemoCommand.class),
                    Map.entry("doctor", DoctorCommand.class),
                    Map.entry("flows", FlowsCommand.class),
                    Map.entry("plan", PlanCommand.class),
                    Map.entry("services", ServicesCommand.class),
                    Map.entry("status", StatusCommand.class),
                    Map.entry("top", TopCommand.class),
                    Map.entry("training", TrainingCommand.class),
                    Map.entry("version", VersionCommand.class),
                    Map.entry("why", WhyCommand.class),
                    Map.entry("help", CommandLine.HelpCommand.class));

    @Spec private CommandSpec spec;

    /// Adds the commands that these arguments may be of: the one that they begin with, else all.
    /// Each takes tens of milliseconds to describe, and an agent must serve soon.
    static void addCommands(CommandLine program, String... arguments) {
        String first = arguments.length == 0 ? "" : arguments[0];
        Class<?> named = first.equals("help") ? null : COMMANDS.get(first);
        if (named != null) {
            add(program, first, named);
        } else {
            new TreeMap<>(COMMANDS).forEach((name, command) -> add(program, name, command));
        }
    }

    /// By a command line of its own: picocli transforms the model of no other.
    private static void add(CommandLine program, String name, Class<?> command) {
        program.addSubcommand(name, new CommandLine(command));
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "fairlead: which command? Try: fairlead --help");
    }
}
