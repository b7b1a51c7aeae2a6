package io.fairlead.k8s.cli;

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
        subcommands = {
            AgentCommand.class,
            CleanupCommand.class,
            DemoCommand.class,
            PlanCommand.class,
            TrainingCommand.class,
            VersionCommand.class,
            CommandLine.HelpCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:could not be done; one line on standard error says why",
            "2:wrong command line",
            "70:a defect of fairlead"
        })
final class FairleadCommand implements Runnable {

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "fairlead: which command? Try: fairlead --help");
    }
}
