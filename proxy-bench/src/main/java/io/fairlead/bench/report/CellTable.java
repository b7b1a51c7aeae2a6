package io.fairlead.bench.report;

import io.fairlead.bench.report.Cell.Series;
import io.fairlead.bench.report.Run.PeerInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/// The figures of a cell as rows of words, for either kind of page.
record CellTable(List<String> head, List<List<String>> rows) {

    private static final double[] PERCENTILES = {50, 99, 99.9};

    static CellTable of(Run run, Cell cell, Latencies latencies) {
        Optional<Spread> direct = cell.of("direct").map(Series::figures);
        boolean rate = cell.series().stream().anyMatch(s -> s.rounds().getFirst().rate() > 0);
        boolean timed =
                cell.series().stream().anyMatch(s -> latencies.of(cell.id(), s.peer()).isPresent());
        List<String> head = new ArrayList<>(List.of("", cell.unit(), "least to most"));
        if (direct.isPresent()) {
            head.add("of direct");
        }
        if (rate) {
            head.add("requests/s");
            head.add("generator late, p99 µs");
        }
        if (timed) {
            head.add("p50 / p99 / p99.9 µs");
        }
        if (!cell.work().isEmpty()) {
            head.add("its CPU s per " + cell.work());
            head.add("all CPU s per " + cell.work());
        }
        head.add(cell.failing() && cell.scenario().equals("udp") ? "lost" : "failed");
        List<List<String>> rows = new ArrayList<>();
        for (Series series : cell.series()) {
            rows.add(row(run.peer(series.peer()), cell, series, latencies, direct, rate, timed));
        }
        return new CellTable(head, rows);
    }

    private static List<String> row(
            PeerInfo peer,
            Cell cell,
            Series series,
            Latencies latencies,
            Optional<Spread> direct,
            boolean rate,
            boolean timed) {
        Spread figures = series.figures();
        List<String> row = new ArrayList<>();
        row.add(peer.name());
        row.add(Numbers.plain(figures.median()));
        row.add(
                figures.count() == 1
                        ? "one figure"
                        : Numbers.plain(figures.least()) + " to " + Numbers.plain(figures.most()));
        direct.ifPresent(spread ->
                row.add(peer.id().equals("direct") ? "" : Comparison.words(figures, spread)));
        if (rate) {
            row.add(Numbers.plain(series.rounds().getFirst().rate()));
            row.add(
                    Numbers.plain(
                            Spread.of(series.rounds().stream().map(Cell.Round::lateUs).toList())
                                    .median()));
        }
        if (timed) {
            row.add(latencies.of(cell.id(), peer.id()).map(CellTable::percentiles).orElse(""));
        }
        if (!cell.work().isEmpty()) {
            row.add(peer.process() ? Numbers.plain(series.cpuPerWork()) : "the kernel's");
            row.add(Numbers.plain(series.machinePerWork()));
        }
        row.add(
                series.failures() == 0
                        ? "0"
                        : series.failures() + " of " + (series.failures() + series.operations()));
        return row;
    }

    private static String percentiles(Histogram histogram) {
        StringBuilder words = new StringBuilder();
        for (double percentile : PERCENTILES) {
            words.append(words.isEmpty() ? "" : " / ");
            words.append(Numbers.plain(histogram.getValueAtPercentile(percentile) / 1e3));
        }
        return words.toString();
    }
}
