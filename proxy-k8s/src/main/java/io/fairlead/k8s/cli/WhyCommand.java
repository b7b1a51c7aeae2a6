package io.fairlead.k8s.cli;

import io.fairlead.k8s.admin.WhyReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `fairlead why`: what becomes of a client at a VIP, and why.
@Command(
        name = "why",
        description = {
            "What becomes of a client at a VIP, and why: which Service, which rule chose which"
                    + " endpoints, which are left out, where the next connection goes.",
            "Changes nothing: no connection is made."
        })
final class WhyCommand extends ReportCommand<WhyReport> {

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

    @Override
    WhyReport ask(AgentQuestion of) throws CommandException {
        return of.ask(a -> a.why(client, vip, protocol));
    }

    @Override
    String show(WhyReport report) {
        return text(report, Screen.forOutput());
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
