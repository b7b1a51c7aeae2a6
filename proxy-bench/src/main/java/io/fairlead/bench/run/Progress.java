package io.fairlead.bench.run;

import io.fairlead.bench.report.Cell;
import io.fairlead.bench.report.Numbers;
import java.io.PrintStream;
import java.util.stream.Collectors;

/// What is shown while a run is under way: a line for each cell, and on a terminal what happens
/// now.
final class Progress {

    private static final String CLEAR = "\r\033[K";

    private final PrintStream out;
    private final boolean terminal;
    private final long startNs = System.nanoTime();
    private final double expectedSeconds;

    /// @param expectedSeconds of all of it
    Progress(PrintStream out, boolean terminal, double expectedSeconds) {
        this.out = out;
        this.terminal = terminal;
        this.expectedSeconds = expectedSeconds;
    }

    /// What happens now.
    void now(String what) {
        if (terminal) {
            out.print(CLEAR + clock() + "  " + what);
            out.flush();
        }
    }

    /// A cell is measured.
    void done(Cell cell) {
        String medians =
                cell.series().stream()
                        .map(series ->
                                series.peer()
                                        + " "
                                        + Numbers.plain(series.figures().median())
                                        + (series.failures() == 0
                                                ? ""
                                                : " (" + series.failures() + " failed)"))
                        .collect(Collectors.joining(", "));
        say("%-18s %s: %s".formatted(cell.id(), cell.unit(), medians));
    }

    void say(String line) {
        out.println((terminal ? CLEAR : "") + clock() + "  " + line);
    }

    private String clock() {
        return "%s of ~%s"
                .formatted(minutes((System.nanoTime() - startNs) / 1e9), minutes(expectedSeconds));
    }

    private static String minutes(double seconds) {
        long whole = Math.round(seconds);
        return "%d:%02d".formatted(whole / 60, whole % 60);
    }
}
