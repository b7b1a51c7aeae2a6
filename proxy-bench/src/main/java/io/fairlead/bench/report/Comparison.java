package io.fairlead.bench.report;

import io.fairlead.bench.report.Cell.Series;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What one peer is to another in a cell, in words: a ratio only where the spreads do not overlap.
final class Comparison {

    private Comparison() {}

    /// `0.97 x`, or `no difference shown`; where there is no spread, that is said.
    static String words(Spread of, Spread to) {
        if (of.count() == 1 || to.count() == 1) {
            return Numbers.times(of.ratio(to)) + " (measured once)";
        }
        return of.against(to) == Spread.Difference.NOT_SHOWN
                ? "no difference shown"
                : Numbers.times(of.ratio(to));
    }

    /// Every Fairlead of a cell against every other peer, a sentence each; the cell must have both.
    static List<String> sentences(Run run, Cell cell) {
        return cell.series().stream()
                .filter(series -> series.peer().startsWith("fairlead"))
                .map(ours -> sentence(run, cell, ours))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<String> sentence(Run run, Cell cell, Series ours) {
        String against =
                cell.series().stream()
                        .filter(theirs -> !theirs.peer().equals(ours.peer()))
                        .map(theirs ->
                                run.peer(theirs.peer()).name()
                                        + ": "
                                        + words(ours.figures(), theirs.figures()))
                        .collect(Collectors.joining("; "));
        return against.isEmpty()
                ? Optional.empty()
                : Optional.of(run.peer(ours.peer()).name() + " against " + against + ".");
    }
}
