package io.fairlead.k8s.cli;

import io.fairlead.k8s.admin.AdminJson;
import io.fairlead.k8s.admin.FlowsReport;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `fairlead flows`: live flows of the agent of this node.
@Command(
        name = "flows",
        description =
                "Live flows: client, VIP, backend, the address that the backend sees, age, bytes.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the agent answered",
            "1:no agent answered, or it could not; one line on standard error says why",
            "2:the command line is wrong"
        })
final class FlowsCommand implements Callable<Integer> {

    private static final int MAX_LIMIT = 1_000;

    @Mixin private AgentQuestion agent = new AgentQuestion();

    @Option(
            names = {"-s", "--service"},
            paramLabel = "S",
            description = "Only this Service: NAMESPACE/NAME, or a name in any namespace.")
    private String service = "";

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "At most so many, up to 1000; default: ${DEFAULT-VALUE}.")
    private int limit = 100;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
    private Output output = Output.table;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws CommandException {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new ParameterException(
                    spec.commandLine(), "--limit: give a number from 1 to " + MAX_LIMIT);
        }
        FlowsReport flows = agent.ask(a -> a.flows(service, limit));
        spec.commandLine()
                .getOut()
                .print(
                        output == Output.json
                                ? AdminJson.indented(flows) + "\n"
                                : text(flows, new Screen(false)));
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }

    static String text(FlowsReport flows, Screen screen) {
        for (FlowsReport.Flow flow : flows.flows()) {
            screen.row(
                    "",
                    flow.protocol(),
                    4,
                    flow.client() + " -> " + flow.vip() + " " + flow.service());
            screen.row(
                    "",
                    "",
                    4,
                    "to "
                            + flow.backend()
                            + (flow.source() == null ? "" : " from " + flow.source())
                            + ", "
                            + Screen.time(flow.ageSeconds())
                            + bytes(flow)
                            + ", "
                            + flow.state());
        }
        screen.line(
                Screen.count(flows.flows().size(), "flow")
                        + (flows.complete() ? "" : "; there are more"));
        return screen.toString();
    }

    private static String bytes(FlowsReport.Flow flow) {
        return flow.receivedBytes() == null
                ? ""
                : ", "
                        + Screen.bytes(flow.receivedBytes())
                        + " in, "
                        + Screen.bytes(flow.returnedBytes())
                        + " out";
    }
}
