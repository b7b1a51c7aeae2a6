package io.fairlead.k8s.cli;

import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import picocli.CommandLine;

/// Where the `fairlead` program starts.
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(commandLine(arguments).setOut(standardOutput()).execute(arguments));
    }

    /// Unlike `System.out`, it tells whoever asks that something could not be written.
    private static PrintWriter standardOutput() {
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        return new PrintWriter(
                new BufferedWriter(new OutputStreamWriter(out, System.out.charset())), true);
    }

    /// The program's command line; exit codes as [ExitCode] has them.
    ///
    /// @param arguments that it is to execute; commands that they do not name may be missing
    static CommandLine commandLine(String... arguments) {
        CommandLine program = new CommandLine(new FairleadCommand());
        FairleadCommand.addCommands(program, arguments);
        return program.setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setExecutionStrategy(Main::execute)
                .setExecutionExceptionHandler(Main::onException);
    }

    /// A command whose output did not arrive has failed, whatever else it did.
    private static int execute(CommandLine.ParseResult parsed) {
        int code = new CommandLine.RunLast().execute(parsed);
        CommandLine command = parsed.commandSpec().commandLine();
        if (command.getOut().checkError()) {
            throw new CommandLine.ExecutionException(
                    command, "output lost", CommandException.outputLost());
        }
        return code;
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
