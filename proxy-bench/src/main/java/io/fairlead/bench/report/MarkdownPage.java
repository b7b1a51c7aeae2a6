package io.fairlead.bench.report;

import java.util.List;

/// `report.md`: everything as tables.
final class MarkdownPage {

    private MarkdownPage() {}

    static String of(Run run, Latencies latencies) {
        StringBuilder page = new StringBuilder("# Fairlead, measured\n\n");
        Method.machine(run).forEach(line -> page.append("- ").append(line).append('\n'));
        run.peers().stream()
                .filter(peer -> peer.missing() == null && !peer.version().isEmpty())
                .forEach(peer -> page.append("- ").append(peer.title()).append('\n'));
        page.append("\n## In short, medians\n\n").append(ShortTable.of(run));
        List<Aims.Aim> aims = Aims.of(run, latencies);
        if (!aims.isEmpty()) {
            page.append("\n## Aims\n\n| | aim | seen | |\n|---|---|---|---|\n");
            aims.forEach(aim ->
                    page.append(
                            "| %s | %s | %s | %s |%n"
                                    .formatted(
                                            aim.what(),
                                            aim.aim(),
                                            aim.seen(),
                                            aim.reached() ? "reached" : "missed")));
        }
        for (String scenario : Titles.scenarios(run)) {
            page.append("\n## ").append(Titles.title(scenario)).append("\n\n");
            page.append(Titles.says(scenario)).append('\n');
            run.cells().stream()
                    .filter(cell -> cell.scenario().equals(scenario))
                    .forEach(cell -> cell(page, run, cell, latencies));
        }
        page.append("\n## How it was measured\n\n");
        Method.notes(run).forEach(note -> page.append("- ").append(note).append('\n'));
        List<String> limits = Method.limits(run);
        if (!limits.isEmpty()) {
            page.append("\nWhere a proxy was as fast as none:\n\n");
            limits.forEach(limit -> page.append("- ").append(limit).append('\n'));
        }
        return page.toString();
    }

    private static void cell(StringBuilder page, Run run, Cell cell, Latencies latencies) {
        CellTable table = CellTable.of(run, cell, latencies);
        page.append("\n### ").append(cell.title()).append("\n\n");
        page.append("| ").append(String.join(" | ", table.head())).append(" |\n");
        page.append("|---".repeat(table.head().size())).append("|\n");
        table.rows()
                .forEach(row -> page.append("| ").append(String.join(" | ", row)).append(" |\n"));
        Comparison.sentences(run, cell)
                .forEach(sentence -> page.append('\n').append(sentence).append('\n'));
    }
}
