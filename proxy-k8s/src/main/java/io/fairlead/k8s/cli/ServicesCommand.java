package io.fairlead.k8s.cli;

import io.fairlead.k8s.admin.ServicesReport;
import io.fairlead.k8s.admin.Words;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `fairlead services`: what the agent of this node serves.
@Command(
        name = "services",
        description =
                "What the agent of this node serves: VIPs, policies, backends with their states,"
                        + " live flows.")
final class ServicesCommand extends ReportCommand<ServicesReport> {

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "Only this namespace.")
    private String namespace = "";

    @Override
    ServicesReport ask(AgentQuestion of) throws CommandException {
        return of.ask(a -> a.services(namespace));
    }

    @Override
    String show(ServicesReport report) {
        return text(report, Screen.forOutput());
    }

    static String text(ServicesReport services, Screen screen) {
        screen.line(Screen.count(services.total(), "service port"));
        for (ServicesReport.Port port : services.ports()) {
            screen.line("");
            screen.heading(name(port) + "  " + port.protocol() + " " + port.family());
            screen.row(
                    "vips",
                    port.vips().stream()
                            .map(v -> v.kind() + " " + v.address() + " port " + v.port())
                            .collect(Collectors.joining(", ")));
            screen.row(
                    "policy",
                    port.balance()
                            + (port.affinitySeconds() == null
                                    ? ""
                                    : ", clients stick for " + port.affinitySeconds() + " s"));
            port.servedTo().stream()
                    .filter(s -> !s.verdict().equals("forward"))
                    .forEach(s -> screen.row("refuses", s.clients() + " (" + s.verdict() + ")"));
            ServicesReport.Traffic traffic = port.traffic();
            screen.row(
                    "flows",
                    traffic.liveFlows()
                            + " live, "
                            + traffic.openedFlows()
                            + " since the start, "
                            + Screen.bytes(traffic.receivedBytes())
                            + " from clients, "
                            + Screen.bytes(traffic.returnedBytes())
                            + " to them, "
                            + Screen.count(traffic.connectFailures(), "connect failure"));
            for (ServicesReport.Backend backend : port.backends()) {
                screen.row(
                        "backend",
                        backend.address()
                                + " "
                                + backend.state()
                                + ", "
                                + backend.liveFlows()
                                + " live, "
                                + backend.openedFlows()
                                + " since the start"
                                + (backend.failures() == 0
                                        ? ""
                                        : "; "
                                                + Words.failed(
                                                        backend.failures(),
                                                        backend.lastFailure())));
            }
        }
        return screen.toString();
    }

    static String name(ServicesReport.Port port) {
        return port.namespace()
                + "/"
                + port.service()
                + (port.port().isEmpty() ? "" : ":" + port.port());
    }
}
