package io.fairlead.k8s.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// Entry point of the `fairlead` program.
@Command(name = "fairlead", subcommands = PlanCommand.class, mixinStandardHelpOptions = true)
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }
}
