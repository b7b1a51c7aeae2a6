package io.fairlead.bench.report;

import io.fairlead.bench.report.Cell.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/// What Fairlead aims at, as ratios in one run, and what this run says of it.
final class Aims {

    private static final String FAIRLEAD = "fairlead";
    private static final String DIRECT = "direct";
    private static final String HAPROXY = "haproxy";

    /// One aim.
    ///
    /// @param reached by the medians
    record Aim(String what, String aim, String seen, boolean reached) {}

    private final Run run;
    private final Latencies latencies;
    private final List<Aim> aims = new ArrayList<>();

    private Aims(Run run, Latencies latencies) {
        this.run = run;
        this.latencies = latencies;
    }

    /// Those that this run can tell of.
    static List<Aim> of(Run run, Latencies latencies) {
        Aims all = new Aims(run, latencies);
        for (String streams : List.of("bulk-1", "bulk-64")) {
            all.rate(streams, DIRECT, 0.95);
            all.rate(streams, HAPROXY, 2.7);
            all.rate(streams, "haproxy-splice", 0.9);
            all.cpu(streams, 0.18);
        }
        for (String requests : List.of("requests-64x1", "requests-64x50", "requests-64x200")) {
            all.rate(requests, HAPROXY, 1);
            all.rate(requests, "nginx", 1);
        }
        all.cpu("requests-64x50", 1.6);
        all.latency("requests-64x1", 50, 1.35);
        all.latency("requests-64x1", 99, 1.5);
        all.rate("connect", HAPROXY, 1.05);
        all.rate("connect", DIRECT, 0.65);
        all.services();
        all.observe();
        all.rate("udp-known", "nginx", 1.35);
        all.rate("udp-new", "nginx", 1.4);
        all.idle();
        return all.aims;
    }

    private Optional<Spread> figures(String cell, String peer) {
        return run.cell(cell).flatMap(c -> c.of(peer)).map(Series::figures);
    }

    private String title(String cell) {
        return run.cell(cell).map(c -> Titles.title(c.scenario()) + ", " + c.title()).orElse(cell);
    }

    private void rate(String cell, String peer, double least) {
        Optional<Spread> ours = figures(cell, FAIRLEAD);
        Optional<Spread> theirs = figures(cell, peer);
        if (ours.isPresent() && theirs.isPresent()) {
            double ratio = ours.get().ratio(theirs.get());
            aims.add(
                    new Aim(
                            title(cell),
                            "at least " + Numbers.times(least) + " " + run.peer(peer).name(),
                            Numbers.times(ratio),
                            ratio >= least));
        }
    }

    private void cpu(String cell, double most) {
        run.cell(cell)
                .ifPresent(c ->
                        c.of(FAIRLEAD)
                                .ifPresent(series ->
                                        aims.add(
                                                new Aim(
                                                        title(cell),
                                                        "at most "
                                                                + most
                                                                + " CPU s per "
                                                                + c.work(),
                                                        Numbers.plain(series.cpuPerWork()),
                                                        series.cpuPerWork() <= most))));
    }

    private void latency(String cell, double percentile, double most) {
        Optional<Histogram> ours = latencies.of(cell, FAIRLEAD);
        Optional<Histogram> direct = latencies.of(cell, DIRECT);
        if (ours.isPresent() && direct.isPresent()) {
            double ratio =
                    ours.get().getValueAtPercentile(percentile)
                            / (double) direct.get().getValueAtPercentile(percentile);
            aims.add(
                    new Aim(
                            title(cell),
                            "p%.0f at most %s direct".formatted(percentile, Numbers.times(most)),
                            Numbers.times(ratio),
                            ratio <= most));
        }
    }

    private void services() {
        Optional<Spread> few = figures(ServicesChart.CELL + 10, FAIRLEAD);
        Optional<Spread> many = figures(ServicesChart.CELL + 10_000, FAIRLEAD);
        if (few.isPresent() && many.isPresent()) {
            double ratio = many.get().ratio(few.get());
            aims.add(
                    new Aim(
                            "Connections, 10,000 Services",
                            "within 5 % of the rate with 10",
                            Numbers.times(ratio),
                            ratio >= 0.95));
        }
    }

    /// Against both agents with nothing on together, whose own difference says what chance does.
    /// The agent's CPU time varies less than rates do where the machine has other work.
    private void observe() {
        Optional<Series> off = series("observe-requests-off");
        Optional<Series> again = series("observe-requests-again");
        Optional<Series> on = series("observe-requests-on");
        if (off.isPresent() && again.isPresent() && on.isPresent()) {
            Series nothing =
                    new Series(
                            FAIRLEAD,
                            Stream.of(off.get(), again.get())
                                    .flatMap(series -> series.rounds().stream())
                                    .toList());
            double ratio = on.get().figures().ratio(nothing.figures());
            double chance = again.get().figures().ratio(off.get().figures());
            double cpu = (on.get().cpuPerWork() - nothing.cpuPerWork()) / nothing.machinePerWork();
            aims.add(
                    new Aim(
                            "Requests with everything on",
                            "within 3 % of the rate with nothing on",
                            ("%.3f x; of the two with nothing on, one has %.3f x the other's;"
                                            + " the agent's CPU time is more by %.1f %% of all")
                                    .formatted(ratio, chance, cpu * 100),
                            ratio >= 0.97));
        }
    }

    private Optional<Series> series(String cell) {
        return run.cell(cell).flatMap(c -> c.of(FAIRLEAD));
    }

    private void idle() {
        figures("idle", FAIRLEAD)
                .ifPresent(spread ->
                        aims.add(
                                new Aim(
                                        "Memory of an idle connection",
                                        "at most 1.5 KiB",
                                        Numbers.plain(spread.median()) + " KiB",
                                        spread.median() <= 1.5)));
    }
}
