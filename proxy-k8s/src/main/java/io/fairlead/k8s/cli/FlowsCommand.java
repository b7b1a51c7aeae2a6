package io.fairlead.k8s.cli;

import io.fairlead.k8s.admin.FlowsReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// `fairlead flows`: live flows of the agent of this node.
@Command(
        name = "flows",
        description =
                "Live flows: client, VIP, backend, the address that the backend sees, age, bytes.")
final class FlowsCommand extends ReportCommand<FlowsReport> {

    private static final int MAX_LIMIT = 1_000;

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

    @Override
    FlowsReport ask(AgentQuestion of) throws CommandException {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new ParameterException(
                    spec().commandLine(), "--limit: give a number from 1 to " + MAX_LIMIT);
        }
        return of.ask(a -> a.flows(service, limit));
    }

    @Override
    String show(FlowsReport report) {
        return text(report, new Screen(false));
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
        return ", "
                + Screen.bytes(flow.receivedBytes())
                + " in, "
                + Screen.bytes(flow.returnedBytes())
                + " out";
    }
}
