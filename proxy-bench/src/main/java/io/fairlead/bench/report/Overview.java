package io.fairlead.bench.report;

import io.fairlead.bench.report.Cell.Series;
import io.fairlead.bench.report.Run.PeerInfo;
import java.util.List;

/// All rates of a run on one scale: what each peer reaches of the direct way, a row for each cell.
final class Overview {

    private static final int WIDTH = 860;
    private static final int ROW = 34;
    private static final int LEFT = 262;
    private static final int RIGHT = 830;
    private static final int TOP = 46;
    private static final int LEGEND_ROW = 20;
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
        int top = TOP + LEGEND_ROW * (legend(new Svg(0, 0, ""), peers) - 1);
        int bottom = top + ROW * cells.size();
        Svg svg = new Svg(WIDTH, bottom + 44, "rates as shares of the direct way");
        int _ = legend(svg, peers);
        double most = 1;
        for (Cell cell : cells) {
            double direct = cell.of("direct").orElseThrow().figures().median();
            for (Series series : cell.series()) {
                most = Math.max(most, series.figures().median() / direct);
            }
        }
        Axis x = Axis.linear(most * 1.04, LEFT, RIGHT);
        for (double tick : x.ticks(6)) {
            svg.line("grid", x.at(tick), top, x.at(tick), bottom);
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
        svg.line("reference", x.at(1), top, x.at(1), bottom);
        double y = top + ROW / 2.0;
        String before = "";
        for (Cell cell : cells) {
            row(svg, cell, peers, x, y, !cell.scenario().equals(before));
            before = cell.scenario();
            y += ROW;
        }
        return svg;
    }

    /// Names in as many rows as they take.
    ///
    /// @return how many these are
    private static int legend(Svg svg, List<PeerInfo> peers) {
        double x = 12;
        int rows = 1;
        for (PeerInfo peer : peers) {
            double width = 34 + peer.name().length() * 6.6;
            if (x + width > WIDTH) {
                x = 12;
                rows++;
            }
            double y = 18 + LEGEND_ROW * (rows - 1.0);
            svg.circle("mark p-" + peer.id(), x, y, isUs(peer) ? 6 : 4.5, peer.title());
            svg.text(isUs(peer) ? "label us" : "label", x + 11, y + 4, "start", peer.name());
            x += width;
        }
        return rows;
    }

    private static boolean isUs(PeerInfo peer) {
        return peer.id().startsWith("fairlead");
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
        List<PeerInfo> shown =
                peers.stream().filter(peer -> cell.of(peer.id()).isPresent()).toList();
        for (PeerInfo peer : shown) {
            if (isUs(peer)) {
                Spread figures = cell.of(peer.id()).orElseThrow().figures();
                svg.line(
                        "spread p-" + peer.id(),
                        x.at(figures.least() / direct.median()),
                        y,
                        Math.min(RIGHT, x.at(figures.most() / direct.median())),
                        y);
            }
        }
        for (PeerInfo peer : shown) {
            Spread figures = cell.of(peer.id()).orElseThrow().figures();
            String tip =
                    "%s: %s %s, %s of direct"
                            .formatted(
                                    peer.title(),
                                    Numbers.plain(figures.median()),
                                    cell.unit(),
                                    Numbers.times(figures.ratio(direct)));
            double radius = isUs(peer) ? 7 : 5;
            svg.circle("mark p-" + peer.id(), x.at(figures.ratio(direct)), y, radius, tip);
        }
    }
}
