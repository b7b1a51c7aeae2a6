package io.fairlead.k8s.cli;

import io.fairlead.k8s.admin.AdminJson;
import io.fairlead.k8s.admin.WhyReport;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `fairlead why`: what becomes of a client at a VIP, and why.
@Command(
        name = "why",
        description = {
            "What becomes of a client at a VIP, and why: which Service, which rule chose which"
                    + " endpoints, which are left out, where the next connection goes.",
            "Changes nothing: no connection is made."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the agent answered",
            "1:no agent answered, or it could not; one line on standard error says why",
            "2:the command line is wrong"
        })
final class WhyCommand implements Callable<Integer> {

    @Mixin private AgentQuestion agent = new AgentQuestion();

    @Parameters(
            index = "0",
            paramLabel = "CLIENT",
            description = "Address of the client, or ADDRESS:PORT.")
    private String client = "";

    @Parameters(
            index = "1",
            paramLabel = "VIP",
            description = "Where it connects to: ADDRESS:PORT, or [ADDRESS]:PORT for IPv6.")
    private String vip = "";

    @Option(
            names = "--protocol",
            paramLabel = "P",
            description = "TCP or UDP; default: ${DEFAULT-VALUE}.")
    private String protocol = "TCP";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
    private Output output = Output.table;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws CommandException {
        WhyReport why = agent.ask(a -> a.why(client, vip, protocol));
        spec.commandLine()
                .getOut()
                .print(
                        output == Output.json
                                ? AdminJson.indented(why) + "\n"
                                : text(why, Screen.forOutput()));
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }

    static String text(WhyReport why, Screen screen) {
        screen.heading(why.client() + " -> " + why.vip() + " " + why.protocol());
        screen.line(why.summary());
        screen.line("");
        why.steps().forEach(s -> screen.row(s.about(), s.finding()));
        if (!why.backends().isEmpty()) {
            screen.line("");
            screen.line("Endpoints (* may be chosen):");
        }
        for (WhyReport.Backend backend : why.backends()) {
            screen.row(
                    "",
                    backend.eligible() ? "*" : "",
                    2,
                    backend.address()
                            + " "
                            + backend.state()
                            + (backend.node().isEmpty() ? "" : " on " + backend.node())
                            + ", "
                            + Screen.count(backend.liveFlows(), "live flow")
                            + (backend.why().isEmpty() ? "" : ": " + backend.why()));
        }
        return screen.toString();
    }
}
