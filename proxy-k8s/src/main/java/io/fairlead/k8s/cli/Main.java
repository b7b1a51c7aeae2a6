package io.fairlead.k8s.cli;

import picocli.CommandLine;

/// Where the `fairlead` program starts.
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /// The program's command line; exit codes as [ExitCode] has them.
    static CommandLine commandLine() {
        return new CommandLine(new FairleadCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setExecutionExceptionHandler(Main::onException);
    }

    /// A mistake in a parameter is answered with its usage; anything else that was foreseen is one
    /// line; the rest is a defect of ours and shows its trace.
    private static int onException(
            Exception cause, CommandLine command, CommandLine.ParseResult parsed) {
        if (cause instanceof CommandLine.ParameterException wrong) {
            command.getErr().println(wrong.getMessage());
            return ExitCode.USAGE;
        }
        if (cause instanceof CommandException failed) {
            command.getErr().println("fairlead: " + failed.getMessage());
            return ExitCode.FAILED;
        }
        command.getErr().println("fairlead: unexpected failure, please report it");
        cause.printStackTrace(command.getErr());
        return ExitCode.DEFECT;
    }
}
