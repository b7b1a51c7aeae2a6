package io.fairlead.k8s.cli;

import io.fairlead.k8s.admin.AdminJson;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// A command that asks the agent of this node for a report, and prints it as text or as JSON.
@Command(
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the agent answered",
            "1:no agent answered, or it could not; one line on standard error says why",
            "2:the command line is wrong"
        })
abstract class ReportCommand<T> implements Callable<Integer> {

    @Mixin private AgentQuestion agent = new AgentQuestion();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
    private Output output = Output.table;

    @Spec private CommandSpec spec = CommandSpec.create();

    /// What the agent says.
    abstract T ask(AgentQuestion of) throws CommandException;

    /// The report as people read it.
    abstract String show(T report);

    final CommandSpec spec() {
        return spec;
    }

    @Override
    public final Integer call() throws CommandException {
        T report = ask(agent);
        PrintWriter out = spec.commandLine().getOut();
        out.print(output == Output.json ? AdminJson.indented(report) + "\n" : show(report));
        out.flush();
        return ExitCode.OK;
    }
}
