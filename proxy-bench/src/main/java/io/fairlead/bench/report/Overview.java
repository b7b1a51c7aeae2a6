package io.fairlead.bench.report;

import io.fairlead.bench.report.Cell.Series;
import io.fairlead.bench.report.Run.PeerInfo;
import java.util.List;
import java.util.Optional;

/// All rates of a run on one scale: what each peer reaches of the direct way, a row for each cell.
final class Overview {

    private static final int WIDTH = 860;
    private static final int ROW = 34;
    private static final int LEFT = 262;
    private static final int RIGHT = 830;
    private static final int TOP = 46;
    private static final List<String> SCENARIOS = List.of("bulk", "requests", "connect", "udp");

    private Overview() {}

    /// The cells that it shows.
    static List<Cell> cells(Run run) {
        return run.cells().stream()
                .filter(cell -> SCENARIOS.contains(cell.scenario()))
                .filter(cell -> cell.of("direct").isPresent() && cell.series().size() > 1)
                .toList();
    }

    static Svg of(Run run) {
        List<Cell> cells = cells(run);
        List<PeerInfo> peers =
                run.peers().stream()
                        .filter(peer -> cells.stream().anyMatch(c -> c.of(peer.id()).isPresent()))
                        .toList();
        int bottom = TOP + ROW * cells.size();
        Svg svg = new Svg(WIDTH, bottom + 44, "rates as shares of the direct way");
        legend(svg, peers);
        double most = 1;
        for (Cell cell : cells) {
            double direct = cell.of("direct").orElseThrow().figures().median();
            for (Series series : cell.series()) {
                most = Math.max(most, series.figures().median() / direct);
            }
        }
        Axis x = Axis.linear(most * 1.04, LEFT, RIGHT);
        for (double tick : x.ticks(6)) {
            svg.line("grid", x.at(tick), TOP, x.at(tick), bottom);
            svg.text(
                    "tick",
                    x.at(tick),
                    bottom + 17,
                    "middle",
                    Numbers.plain(tick * 100).replace(".0", "") + " %");
        }
        svg.text(
                "tick",
                (LEFT + RIGHT) / 2.0,
                bottom + 35,
                "middle",
                "of the direct way; right is faster");
        double y = TOP + ROW / 2.0;
        String before = "";
        for (Cell cell : cells) {
            row(svg, cell, peers, x, y, !cell.scenario().equals(before));
            before = cell.scenario();
            y += ROW;
        }
        svg.line("reference", x.at(1), TOP, x.at(1), bottom);
        return svg;
    }

    private static void legend(Svg svg, List<PeerInfo> peers) {
        double x = 12;
        for (PeerInfo peer : peers) {
            boolean us = peer.id().startsWith("fairlead");
            svg.circle("mark p-" + peer.id(), x, 18, us ? 6 : 4.5, peer.title());
            svg.text(us ? "label us" : "label", x + 11, 22, "start", peer.name());
            x += 34 + peer.name().length() * 6.6;
        }
    }

    private static void row(
            Svg svg, Cell cell, List<PeerInfo> peers, Axis x, double y, boolean first) {
        if (first) {
            svg.line("rule", 0, y - ROW / 2.0, RIGHT, y - ROW / 2.0);
            svg.text("label scenario", 12, y + 4, "start", Titles.brief(cell.scenario()));
        }
        svg.text("label", LEFT - 12, y + 4, "end", cell.title());
        Spread direct = cell.of("direct").orElseThrow().figures();
        svg.line("grid", LEFT, y, RIGHT, y);
        for (PeerInfo peer : peers) {
            Optional<Series> series = cell.of(peer.id());
            if (series.isEmpty() || peer.id().equals("direct")) {
                continue;
            }
            Spread figures = series.get().figures();
            boolean us = peer.id().startsWith("fairlead");
            String tip =
                    "%s: %s %s, %s of direct"
                            .formatted(
                                    peer.title(),
                                    Numbers.plain(figures.median()),
                                    cell.unit(),
                                    Numbers.times(figures.ratio(direct)));
            if (us) {
                svg.line(
                        "spread p-" + peer.id(),
                        x.at(figures.least() / direct.median()),
                        y,
                        Math.min(RIGHT, x.at(figures.most() / direct.median())),
                        y);
            }
            svg.circle("mark p-" + peer.id(), x.at(figures.ratio(direct)), y, us ? 7 : 5, tip);
        }
    }
}
