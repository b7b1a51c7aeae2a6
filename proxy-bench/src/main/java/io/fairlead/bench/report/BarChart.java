package io.fairlead.bench.report;

import io.fairlead.bench.report.Cell.Series;
import io.fairlead.bench.report.Run.PeerInfo;
import java.util.Optional;

/// The figures of one cell: a bar to each median, a line from the least to the most, a dot for each
/// round.
final class BarChart {

    private static final int WIDTH = 520;
    private static final int ROW = 26;
    private static final int BAR = 13;
    private static final int LABELS = 138;
    private static final int VALUES = 128;
    private static final int TOP = 16;

    private BarChart() {}

    static Svg of(Run run, Cell cell) {
        int height = TOP + ROW * cell.series().size() + 4;
        Svg svg = new Svg(WIDTH, height, cell.title() + ", " + cell.unit());
        double most = cell.series().stream().mapToDouble(s -> s.figures().most()).max().orElse(1);
        Axis axis = Axis.linear(most, LABELS, WIDTH - VALUES);
        Optional<Spread> direct = cell.of("direct").map(Series::figures);
        svg.line("axis", LABELS, TOP, LABELS, height - 4.0);
        if (direct.isPresent() && cell.series().size() > 1) {
            svg.text("tick", WIDTH, TOP - 6.0, "end", "of direct");
        }
        double y = TOP;
        for (Series series : cell.series()) {
            row(svg, run.peer(series.peer()), cell, series, axis, y, direct);
            y += ROW;
        }
        direct.ifPresent(spread ->
                svg.line(
                        "reference",
                        axis.at(spread.median()),
                        TOP,
                        axis.at(spread.median()),
                        height - 4.0));
        return svg;
    }

    private static void row(
            Svg svg,
            PeerInfo peer,
            Cell cell,
            Series series,
            Axis axis,
            double y,
            Optional<Spread> direct) {
        Spread figures = series.figures();
        double middle = y + ROW / 2.0;
        String tip =
                "%s: %s %s (%s to %s)"
                        .formatted(
                                peer.title(),
                                Numbers.plain(figures.median()),
                                cell.unit(),
                                Numbers.plain(figures.least()),
                                Numbers.plain(figures.most()));
        boolean us = peer.id().startsWith("fairlead");
        svg.text(us ? "label us" : "label", LABELS - 8, middle + 4, "end", shortened(peer.name()));
        svg.rectangle(
                "bar p-" + peer.id(),
                LABELS,
                middle - BAR / 2.0,
                axis.at(figures.median()) - LABELS,
                BAR,
                tip);
        if (figures.count() > 1) {
            svg.line("whisker", axis.at(figures.least()), middle, axis.at(figures.most()), middle);
            series.rounds()
                    .forEach(round -> svg.circle("round", axis.at(round.figure()), middle, 2, tip));
        }
        String value = Numbers.brief(figures.median());
        svg.text(us ? "value us" : "value", WIDTH - VALUES + 52, middle + 4, "end", value);
        if (series.failures() > 0 && !cell.failing()) {
            svg.text("failed", WIDTH, middle + 4, "end", series.failures() + " failed");
        } else if (direct.isPresent() && !peer.id().equals("direct") && direct.get().median() > 0) {
            svg.text("ratio", WIDTH, middle + 4, "end", Numbers.times(figures.ratio(direct.get())));
        }
    }

    private static String shortened(String name) {
        return name.length() <= 22 ? name : name.substring(0, 21) + "…";
    }
}
