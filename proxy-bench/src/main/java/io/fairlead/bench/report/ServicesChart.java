package io.fairlead.bench.report;

import io.fairlead.bench.report.Cell.Series;
import io.fairlead.bench.report.Run.PeerInfo;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/// A figure by the number of Services, a line for each peer.
final class ServicesChart {

    static final String CELL = "services-";

    private static final int WIDTH = 520;
    private static final int HEIGHT = 250;
    private static final int LEFT = 58;
    private static final int RIGHT = 400;
    private static final int TOP = 14;
    private static final int BOTTOM = 205;

    private ServicesChart() {}

    static int services(Cell cell) {
        return Integer.parseInt(cell.id().substring(CELL.length()));
    }

    static Svg of(Run run, List<Cell> cells, String title, Function<Series, Spread> figure) {
        Svg svg = new Svg(WIDTH, HEIGHT, title);
        double most =
                cells.stream()
                        .flatMap(cell -> cell.series().stream())
                        .mapToDouble(series -> figure.apply(series).most())
                        .max()
                        .orElse(1);
        Axis y = Axis.linear(most * 1.05, BOTTOM, TOP);
        Axis x =
                Axis.logarithmic(
                        services(cells.getFirst()) / 1.6,
                        services(cells.getLast()) * 1.6,
                        LEFT,
                        RIGHT);
        for (double tick : y.ticks(5)) {
            svg.line("grid", LEFT, y.at(tick), RIGHT, y.at(tick));
            svg.text(
                    "tick", LEFT - 8, y.at(tick) + 4, "end", Numbers.brief(tick).replace(".0", ""));
        }
        for (Cell cell : cells) {
            double at = x.at(services(cell));
            svg.text(
                    "tick",
                    at,
                    BOTTOM + 18,
                    "middle",
                    String.format(Locale.ROOT, "%,d", services(cell)));
        }
        svg.line("axis", LEFT, BOTTOM, RIGHT, BOTTOM);
        svg.text("tick", (LEFT + RIGHT) / 2.0, BOTTOM + 36, "middle", "Services");
        for (PeerInfo peer : run.peers()) {
            if (cells.stream().allMatch(cell -> cell.of(peer.id()).isPresent())) {
                line(svg, x, y, cells, peer, figure);
            }
        }
        return svg;
    }

    private static void line(
            Svg svg,
            Axis x,
            Axis y,
            List<Cell> cells,
            PeerInfo peer,
            Function<Series, Spread> figure) {
        StringBuilder points = new StringBuilder();
        double last = 0;
        for (Cell cell : cells) {
            Spread spread = figure.apply(cell.of(peer.id()).orElseThrow());
            double at = x.at(services(cell));
            last = y.at(spread.median());
            points.append(Svg.point(at, last));
        }
        svg.path("curve p-" + peer.id(), points.toString().strip(), peer.title());
        for (Cell cell : cells) {
            Spread spread = figure.apply(cell.of(peer.id()).orElseThrow());
            double at = x.at(services(cell));
            String tip = peer.title() + ", " + cell.title() + ": " + Numbers.plain(spread.median());
            svg.line("whisker", at, y.at(spread.least()), at, y.at(spread.most()));
            svg.circle("mark p-" + peer.id(), at, y.at(spread.median()), 4, tip);
        }
        svg.text(
                peer.id().startsWith("fairlead") ? "label us" : "label",
                RIGHT + 4,
                last + 4,
                "start",
                peer.name());
    }
}
