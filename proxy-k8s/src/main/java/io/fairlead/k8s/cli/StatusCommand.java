package io.fairlead.k8s.cli;

import io.fairlead.k8s.admin.AdminClient;
import io.fairlead.k8s.admin.StatusReport;
import io.fairlead.k8s.admin.Words;
import io.fairlead.k8s.cluster.Problem;
import picocli.CommandLine.Command;

/// `fairlead status`: how it stands with the agent of this node, on one screen.
@Command(name = "status", description = "How it stands with the agent of this node, on one screen.")
final class StatusCommand extends ReportCommand<StatusReport> {

    private static final int PROBLEMS_SHOWN = 5;

    @Override
    StatusReport ask(AgentQuestion of) throws CommandException {
        return of.ask(AdminClient::status);
    }

    @Override
    String show(StatusReport report) {
        return text(report, Screen.forOutput());
    }

    static String text(StatusReport status, Screen screen) {
        screen.heading(
                "fairlead "
                        + status.version()
                        + " ("
                        + status.commit()
                        + ") on node "
                        + status.node()
                        + ", up "
                        + Screen.time(status.upSeconds()));
        screen.row("source", status.source());
        screen.row("capture", status.capture());
        screen.row(
                "transport",
                status.transport() + ", " + Screen.count(status.eventLoops(), "event loop"));
        state(status, screen);
        totals(status.totals(), screen);
        if (status.ejectedCount() > 0) {
            screen.alarm("  ejected        " + Screen.count(status.ejectedCount(), "backend"));
            for (StatusReport.Ejected ejected :
                    status.ejected().stream().limit(PROBLEMS_SHOWN).toList()) {
                screen.row(
                        "    ",
                        "-",
                        2,
                        ejected.backend()
                                + " of "
                                + ejected.service()
                                + ": "
                                + Words.failed(ejected.failures(), ejected.lastFailure()));
            }
        }
        if (status.problemCount() == 0) {
            return screen.row("problems", "none").toString();
        }
        screen.alarm("  problems       " + status.problemCount());
        for (Problem problem : status.problems().stream().limit(PROBLEMS_SHOWN).toList()) {
            screen.row("    ", "-", 2, problem.toString());
        }
        if (status.problemCount() > PROBLEMS_SHOWN) {
            screen.line("    and " + (status.problemCount() - PROBLEMS_SHOWN) + " more: -o json");
        }
        return screen.toString();
    }

    private static void state(StatusReport status, Screen screen) {
        StatusReport.State state = status.state();
        if (state.appliedSecondsAgo() == null) {
            screen.alarm("  state          none yet: nothing is served");
        } else {
            screen.row(
                    "state",
                    "number "
                            + state.generation()
                            + ", applied "
                            + Screen.time(state.appliedSecondsAgo())
                            + " ago in "
                            + Screen.time(state.lastApplySeconds()));
        }
        if (state.waitingSeconds() > 0) {
            screen.row("waiting", "a change, for " + Screen.time(state.waitingSeconds()));
        }
        StatusReport.Api api = status.api();
        if (api != null) {
            screen.row(
                    "API server",
                    "heard of "
                            + Screen.time(api.contactAgeSeconds())
                            + " ago, "
                            + (api.watching() ? "watching" : "not watching")
                            + (api.stale()
                                    ? "; what is served is from a checkpoint, unconfirmed"
                                    : ""));
        }
    }

    private static void totals(StatusReport.Totals totals, Screen screen) {
        screen.row(
                "serves",
                Screen.count(totals.services(), "Service")
                        + ", "
                        + Screen.count(totals.servicePorts(), "service port")
                        + ", "
                        + Screen.count(totals.frontends(), "frontend")
                        + ", "
                        + Screen.count(totals.backends(), "backend"));
        screen.row(
                "flows",
                totals.liveFlows()
                        + " live, "
                        + totals.openedFlows()
                        + " since the start; "
                        + Screen.bytes(totals.receivedBytes())
                        + " from clients, "
                        + Screen.bytes(totals.returnedBytes())
                        + " to them");
        screen.row(
                "failures",
                Screen.count(totals.connectFailures(), "failed connect")
                        + ", "
                        + Screen.count(totals.dialRefusals(), "refusal")
                        + " to dial an address, "
                        + Screen.count(totals.acceptPauses(), "pause")
                        + " of accepting");
    }
}
