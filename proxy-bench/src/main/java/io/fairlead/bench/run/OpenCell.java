package io.fairlead.bench.run;

import io.fairlead.bench.load.LoadResult;
import io.fairlead.bench.report.Cell;
import io.fairlead.bench.report.Cell.Round;
import io.fairlead.bench.report.Cell.Series;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// A cell whose rounds are being measured.
final class OpenCell {

    private static final double GIB = 1L << 30;

    private final String id;
    private final String scenario;
    private final String title;
    private final Measure measure;
    private final Map<String, List<Round>> rounds = new LinkedHashMap<>();

    /// What is made of a result.
    ///
    /// @param failing whether failures are what is measured
    record Measure(
            String unit,
            boolean more,
            String work,
            boolean failing,
            ToDoubleFunction<LoadResult> figure,
            ToDoubleFunction<LoadResult> workOf) {

        static final Measure BULK =
                new Measure(
                        "Gbit/s",
                        true,
                        "GiB",
                        false,
                        LoadResult::gigabitsPerSecond,
                        result -> result.bytes() / GIB);

        static final Measure REQUESTS = perSecond("requests/s", "100 k requests", 100_000, false);
        static final Measure CONNECTIONS =
                perSecond("connections/s", "10 k connections", 10_000, false);
        static final Measure ANSWERS = perSecond("answers/s", "100 k answers", 100_000, true);

        /// The 99th percentile, which [Bench] takes from the histogram.
        static final Measure LATENCY =
                new Measure(
                        "us, p99",
                        false,
                        "100 k requests",
                        false,
                        _ -> 0,
                        result -> result.operations() / 100_000.0);

        /// Of a hundred connections.
        static final Measure FAILED =
                new Measure(
                        "% failed",
                        false,
                        "10 k connections",
                        true,
                        result ->
                                100.0
                                        * result.failures()
                                        / Math.max(1, result.failures() + result.operations()),
                        result -> (result.operations() + result.failures()) / 10_000.0);

        private static Measure perSecond(String unit, String work, double per, boolean failing) {
            return new Measure(
                    unit,
                    true,
                    work,
                    failing,
                    LoadResult::operationsPerSecond,
                    result -> result.operations() / per);
        }
    }

    OpenCell(String id, String scenario, String title, Measure measure) {
        this.id = id;
        this.scenario = scenario;
        this.title = title;
        this.measure = measure;
    }

    String id() {
        return id;
    }

    Measure measure() {
        return measure;
    }

    void add(String peer, Round round) {
        rounds.computeIfAbsent(peer, _ -> new ArrayList<>()).add(round);
    }

    /// What was measured, the peers in the order given.
    Cell closed(List<String> order) {
        return new Cell(
                id,
                scenario,
                title,
                measure.unit(),
                measure.more(),
                measure.work(),
                measure.failing(),
                order.stream()
                        .filter(rounds::containsKey)
                        .map(peer -> new Series(peer, rounds.getOrDefault(peer, List.of())))
                        .toList());
    }
}
