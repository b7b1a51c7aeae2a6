package io.fairlead.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// How a run was measured, and what its figures do not say.
final class Method {

    private Method() {}

    static List<String> machine(Run run) {
        Run.Machine machine = run.machine();
        return List.of(
                "%s: %d CPUs of %s, %,d MiB, %s, %s"
                        .formatted(
                                run.date(),
                                machine.cpus(),
                                machine.cpu(),
                                machine.memoryMib(),
                                machine.kernel(),
                                machine.os()),
                "Load average at the start "
                        + machine.busy()
                        + "; "
                        + String.format(Locale.ROOT, "%.1f", machine.stolen() * 100)
                        + " % of the CPU time stolen by the host",
                "%s (%d rounds of %s s, order shuffled with seed %d)"
                        .formatted(run.command(), run.rounds(), run.seconds(), run.seed()));
    }

    static List<String> notes(Run run) {
        List<String> notes = new ArrayList<>();
        for (Run.PeerInfo peer : run.peers()) {
            if (peer.missing() != null) {
                notes.add("Not measured: " + peer.name() + ", for " + peer.missing() + ".");
            }
        }
        notes.add(
                "Client, node and backend are network namespaces of one machine, and each peer has a"
                        + " set of its own: no address, port or connection table is shared. All of them"
                        + " use cubic. The load generator and the server are two processes on epoll,"
                        + " the same for all peers; they compete with the peer for the CPUs, as client"
                        + " and backend pods on a node do.");
        notes.add(
                "A figure is the median of "
                        + run.rounds()
                        + " rounds, in each of which the peers took turns in another order, after a"
                        + " warm-up. Two peers are said to differ only where their spreads, least to"
                        + " most, do not overlap. With five rounds chance alone parts two equals once in"
                        + " 126 times, with three once in ten"
                        + (run.rounds() < 5 ? "; this run had " + run.rounds() + "." : "."));
        notes.add(
                "CPU time of a peer is that of its processes; the time that the kernel takes for direct"
                        + " traffic and DNAT cannot be told from the rest. All CPU time is that of the"
                        + " whole machine: client, server, peer, interrupts, and whatever else ran.");
        if (!Overview.cells(run).isEmpty() && limits(run).isEmpty()) {
            notes.add(
                    "Every rate was higher without a proxy than with any: neither the generator nor the"
                            + " server was the limit.");
        }
        notes.addAll(run.notes());
        return notes;
    }

    /// Where some proxy was as fast as no proxy at all, so that the generator or the server may
    /// have been the limit.
    static List<String> limits(Run run) {
        List<String> limits = new ArrayList<>();
        for (Cell cell : Overview.cells(run)) {
            Spread direct = cell.of("direct").orElseThrow().figures();
            for (Cell.Series series : cell.series()) {
                if (!series.peer().equals("direct")
                        && !series.peer().equals("dnat")
                        && series.figures().against(direct) != Spread.Difference.LESS) {
                    limits.add(
                            "%s, %s: %s is not slower than direct (%s)."
                                    .formatted(
                                            Titles.title(cell.scenario()),
                                            cell.title(),
                                            run.peer(series.peer()).name(),
                                            Numbers.times(series.figures().ratio(direct))));
                }
            }
        }
        return limits;
    }
}
