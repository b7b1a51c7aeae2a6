package io.fairlead.k8s.cli;

import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.local.HintNote;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A plan as text for people, within 100 columns wherever names allow.
final class PlanTable {
    private static final int WIDTH = 100;

    /// More backends than this are counted, not listed.
    private static final int MAX_LISTED = 24;

    private final StringBuilder out = new StringBuilder();

    private PlanTable() {}

    static String write(Plan plan, List<HintNote> notes) {
        PlanTable table = new PlanTable();
        table.line(
                "Node %s, %s: %s"
                        .formatted(
                                plan.node(),
                                plan.zone() == null ? "no zone" : "zone " + plan.zone(),
                                count(plan.servicePorts().size(), "service port")));
        plan.servicePorts().forEach(table::port);
        table.notes(notes);
        table.problems(plan.problems());
        return table.out.toString();
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    private void port(Plan.Port port) {
        String name = port.port().isEmpty() ? "" : " " + port.port();
        line("");
        line(
                port.service()
                        + name
                        + " "
                        + port.protocol()
                        + "  "
                        + port.balance()
                        + (port.sessionAffinitySeconds() == null
                                ? ""
                                : ", clients stick for " + port.sessionAffinitySeconds() + " s")
                        + (port.healthCheckNodePort() == null
                                ? ""
                                : ", health check port " + port.healthCheckNodePort()));
        row(
                "vips",
                "",
                port.vips().stream()
                        .map(v -> v.kind() + " " + v.address() + " port " + v.port())
                        .toList());
        set("inside", port.internal());
        if (Objects.equals(port.external(), port.externalFromPodOrNode())) {
            set("outside", port.external());
        } else {
            set("outside", port.external());
            set("pod/node", port.externalFromPodOrNode());
        }
    }

    private void set(String clients, Plan.@Nullable Backends set) {
        if (set == null) {
            return;
        }
        Stream<String> listed = set.backends().stream().limit(MAX_LISTED);
        int more = set.backends().size() - MAX_LISTED;
        Stream<String> rest = more > 0 ? Stream.of("and " + more + " more") : Stream.empty();
        row(clients, set.verdict(), Stream.concat(listed, rest).toList());
    }

    private void row(String label, String verdict, List<String> values) {
        String first = "  %-9s%-9s".formatted(label, verdict);
        String next = " ".repeat(first.length());
        wrap(first, next, values, ", ");
    }

    private void notes(List<HintNote> notes) {
        if (!notes.isEmpty()) {
            line("");
            line("Topology hints that are not followed:");
        }
        for (HintNote note : notes) {
            wrap("  ", "    ", words(note.port() + ": " + note.reason()), " ");
        }
    }

    private void problems(List<Problem> problems) {
        if (!problems.isEmpty()) {
            line("");
            line(count(problems.size(), "problem") + ":");
        }
        for (Problem problem : problems) {
            line("  " + printable(problem.object()) + "  " + problem.field());
            wrap("    ", "    ", words(problem.message()), " ");
        }
    }

    /// A file's name can hold anything; a terminal would obey it.
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private static List<String> words(String text) {
        return Stream.of(text.split(" ", -1)).toList();
    }

    private void wrap(String first, String next, List<String> values, String separator) {
        List<String> rest = new ArrayList<>(values);
        StringBuilder line = new StringBuilder(first);
        boolean fresh = true;
        while (!rest.isEmpty()) {
            String value = rest.removeFirst() + (rest.isEmpty() ? "" : separator);
            if (!fresh && line.length() + value.stripTrailing().length() > WIDTH) {
                line(line.toString());
                line = new StringBuilder(next);
            }
            line.append(value);
            fresh = false;
        }
        line(line.toString());
    }

    private void line(String text) {
        out.append(text.stripTrailing()).append('\n');
    }
}
