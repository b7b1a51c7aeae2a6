package io.fairlead.bench.report;

import io.fairlead.bench.report.Cell.Series;
import io.fairlead.bench.report.Run.PeerInfo;
import java.util.List;
import java.util.stream.Collectors;

/// `report.html`: one page with all its drawings, without a script, readable without a network.
final class HtmlPage {

    private final StringBuilder page = new StringBuilder();
    private final Run run;
    private final Latencies latencies;

    private HtmlPage(Run run, Latencies latencies) {
        this.run = run;
        this.latencies = latencies;
    }

    static String of(Run run, Latencies latencies) {
        HtmlPage html = new HtmlPage(run, latencies);
        html.write();
        return html.page.toString();
    }

    private void write() {
        page.append(
                """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>Fairlead, measured</title>
                <style>
                %s%s</style>
                </head>
                <body>
                <header>
                <h1>Fairlead, measured</h1>
                """
                        .formatted(Style.CHARTS.get(), Style.PAGE.get()));
        Method.machine(run).forEach(line -> element("p", "machine", line));
        page.append("<p class=\"versions\">");
        run.peers().stream()
                .filter(peer -> peer.missing() == null)
                .forEach(peer -> element("span", "peer p-" + peer.id(), peer.title()));
        page.append("</p>\n");
        run.peers().stream()
                .filter(peer -> peer.missing() != null)
                .forEach(peer ->
                        element(
                                "p",
                                "missing",
                                "Not measured: " + peer.name() + ", for " + peer.missing()));
        page.append("</header>\n<main>\n");
        overview();
        aims();
        Titles.scenarios(run).forEach(this::scenario);
        method();
        page.append("</main>\n</body>\n</html>\n");
    }

    private void element(String name, String classes, String text) {
        page.append("<%s class=\"%s\">%s</%s>%n".formatted(name, classes, Svg.escape(text), name));
    }

    private void overview() {
        if (Overview.cells(run).isEmpty()) {
            return;
        }
        page.append("<section class=\"wide\">\n");
        element("h2", "", "At a glance");
        element(
                "p",
                "says",
                "What each peer reaches of the direct way, in the same run. A circle is a median; the"
                        + " band behind Fairlead's is its spread.");
        page.append(Overview.of(run).inPage());
        page.append("</section>\n");
    }

    private void aims() {
        List<Aims.Aim> aims = Aims.of(run, latencies);
        if (aims.isEmpty()) {
            return;
        }
        long reached = aims.stream().filter(Aims.Aim::reached).count();
        page.append("<section>\n");
        element("h2", "", "Aims: %d of %d reached".formatted(reached, aims.size()));
        page.append("<table class=\"aims\"><tbody>\n");
        for (Aims.Aim aim : aims) {
            page.append(
                    "<tr><td>%s</td><td>%s</td><td class=\"figure\">%s</td><td class=\"%s\">%s</td></tr>%n"
                            .formatted(
                                    Svg.escape(aim.what()),
                                    Svg.escape(aim.aim()),
                                    Svg.escape(aim.seen()),
                                    aim.reached() ? "good" : "bad",
                                    aim.reached() ? "✓ reached" : "✗ missed"));
        }
        page.append("</tbody></table>\n</section>\n");
    }

    private void scenario(String scenario) {
        List<Cell> cells =
                run.cells().stream().filter(cell -> cell.scenario().equals(scenario)).toList();
        page.append("<section>\n");
        element("h2", "", Titles.title(scenario));
        element("p", "says", Titles.says(scenario));
        if (scenario.equals("services") && cells.size() > 1) {
            services(cells);
        } else if (scenario.equals("latency")) {
            cells.forEach(this::percentiles);
        } else {
            page.append("<div class=\"grid\">\n");
            for (Cell cell : cells) {
                card(
                        cell.title(),
                        cell.unit() + (cell.more() ? "" : ", less is better"),
                        BarChart.of(run, cell));
            }
            page.append("</div>\n");
            cells.stream()
                    .filter(cell -> cell.id().equals("requests-64x1"))
                    .forEach(this::percentiles);
        }
        cells.forEach(cell ->
                Comparison.sentences(run, cell)
                        .forEach(sentence ->
                                element("p", "finding", capital(cell.title()) + ": " + sentence)));
        page.append("<details><summary>Figures</summary>\n");
        cells.forEach(this::table);
        page.append("</details>\n</section>\n");
    }

    private static String capital(String text) {
        return text.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + text.substring(1);
    }

    private void card(String title, String unit, Svg svg) {
        page.append("<figure>\n<figcaption><b>");
        page.append(Svg.escape(title)).append("</b> <span>").append(Svg.escape(unit));
        page.append("</span></figcaption>\n").append(svg.inPage()).append("</figure>\n");
    }

    private void percentiles(Cell cell) {
        page.append("<div class=\"wide\">\n");
        List<PeerInfo> peers = run.peers();
        card(
                cell.title(),
                "latency by percentile, all rounds together",
                PercentileChart.of(cell.title(), cell.id(), peers, latencies));
        page.append("</div>\n");
    }

    private void services(List<Cell> cells) {
        page.append("<div class=\"grid\">\n");
        card(
                "rate",
                "connections/s",
                ServicesChart.of(
                        run, cells, "connections/s by number of Services", Series::figures));
        card(
                "cost",
                "CPU s of the whole machine per 10 k connections",
                ServicesChart.of(
                        run,
                        cells,
                        "CPU seconds by number of Services",
                        series ->
                                Spread.of(
                                        series.rounds().stream()
                                                .map(round -> round.machineCpu() / round.work())
                                                .toList())));
        page.append("</div>\n");
    }

    private void table(Cell cell) {
        CellTable table = CellTable.of(run, cell, latencies);
        element("h3", "", cell.title());
        page.append("<div class=\"scroll\"><table>\n<thead><tr>");
        page.append(cells("th", table.head())).append("</tr></thead>\n<tbody>\n");
        table.rows().forEach(row -> page.append("<tr>").append(cells("td", row)).append("</tr>\n"));
        page.append("</tbody></table></div>\n");
    }

    private static String cells(String name, List<String> words) {
        return words.stream()
                .map(word -> "<" + name + ">" + Svg.escape(word) + "</" + name + ">")
                .collect(Collectors.joining());
    }

    private void method() {
        page.append("<section>\n");
        element("h2", "", "How it was measured");
        page.append("<ul>\n");
        Method.notes(run).forEach(note -> element("li", "", note));
        page.append("</ul>\n");
        List<String> limits = Method.limits(run);
        if (!limits.isEmpty()) {
            element(
                    "p",
                    "says",
                    "Where a proxy was as fast as none, so that what drives the load may"
                            + " be the limit, or work moved to another CPU:");
            page.append("<ul>\n");
            limits.forEach(limit -> element("li", "", limit));
            page.append("</ul>\n");
        }
        element(
                "p",
                "says",
                "Data beside this page: run.json, and a .hlog file (HdrHistogram) for each"
                        + " cell with latencies. `proxy-bench report DIR` makes the page again.");
        page.append("</section>\n");
    }
}
