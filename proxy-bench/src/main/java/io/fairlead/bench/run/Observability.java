package io.fairlead.bench.run;

import io.fairlead.bench.load.LoadRequest;
import io.fairlead.bench.load.LoadRequest.Kind;
import io.fairlead.bench.load.LoadResult;
import io.fairlead.bench.peer.Fairlead;
import io.fairlead.bench.peer.Layout;
import io.fairlead.bench.peer.Peer;
import io.fairlead.bench.report.Spread;
import io.fairlead.bench.run.Observers.Scrape;
import io.fairlead.bench.run.OpenCell.Measure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What it costs that an agent is looked into.
///
/// Agents are processes of their own, of which no two are equally fast; so there are two of which
/// nothing is to be seen, and what they differ by is what chance does.
final class Observability {

    private static final int CONNECTIONS = 50;
    private static final int BYTES = 64;

    /// Requests a second: few enough that the CPUs have room for the one who scrapes.
    private static final double PACE = 4_000;

    /// Of each agent with each load, for differences of a hundredth to be its own and not those of
    /// code that is not optimised yet.
    private static final double WARM_UP_SECONDS = 8;

    private static final double MIB = 1 << 20;

    private Observability() {}

    static void run(Bench bench) throws Exception {
        for (Peer peer : bench.peers()) {
            if (peer instanceof Fairlead fairlead) {
                rates(bench, fairlead);
                scrapes(bench, fairlead);
            }
        }
    }

    /// One agent of which everything is to be seen, among two of which nothing is.
    private static void rates(Bench bench, Fairlead fairlead) throws Exception {
        Fairlead blind = fairlead.with(Observers.NOTHING);
        Path log = bench.folder("access-log").resolve("access.log");
        Fairlead seen = fairlead.with(Observers.everything(log.toString()));
        try (Site off = bench.open(blind, Layout.USUAL);
                Site again = bench.open(blind, Layout.USUAL);
                Site on = bench.open(seen, Layout.USUAL)) {
            Observers observers = new Observers(on);
            for (boolean requests : new boolean[] {true, false}) {
                List<Shot> shots = new ArrayList<>();
                shots.add(shot(requests, "off", "nothing on", off, () -> () -> {}));
                shots.add(shot(requests, "again", "nothing on, again", again, () -> () -> {}));
                shots.add(shot(requests, "on", "everything on", on, observers::all));
                bench.warmUp(shots, WARM_UP_SECONDS);
                bench.measure(shots);
            }
        }
    }

    private static Shot shot(
            boolean requests, String id, String title, Site site, Shot.During during) {
        if (requests) {
            OpenCell cell =
                    cell(
                            "observe-requests-" + id,
                            "64 B, 50 connections, " + title,
                            Measure.REQUESTS);
            LoadRequest load = site.load(Kind.REQUESTS, Layout.STEADY);
            return new Shot(cell, site, load.connections(CONNECTIONS).bytes(BYTES), during);
        }
        OpenCell cell =
                cell(
                        "observe-connect-" + id,
                        "connect, 1 byte, close, " + title,
                        Measure.CONNECTIONS);
        LoadRequest load = site.load(Kind.CONNECT, Layout.BRIEF);
        return new Shot(cell, site, load.connections(Scenario.CONNECTING), during);
    }

    private static OpenCell cell(String id, String title, Measure measure) {
        return new OpenCell(id, Scenario.OBSERVE.id(), title, measure);
    }

    /// Latency while all Services there are have series and are scraped, and while nobody does.
    private static void scrapes(Bench bench, Fairlead fairlead) throws Exception {
        int services = bench.scale().services().getLast();
        Path log = bench.folder("access-log").resolve("access.log");
        Fairlead seen = fairlead.with(Observers.everything(log.toString()));
        try (Site site = bench.open(seen, new Layout(1, 0, services))) {
            bench.progress().now("every one of %,d Services has a client".formatted(services));
            for (int service = 0; service < services; service++) {
                LoadResult result = bench.load(site.load(Kind.PROBE, Layout.BRIEF, service));
                if (result.operations() == 0) {
                    throw new IllegalStateException("Service " + service + ": " + result.failure());
                }
            }
            Observers observers = new Observers(site);
            String title = "%,.0f requests/s, %,d Services, ".formatted(PACE, services);
            LoadRequest load =
                    site.load(Kind.REQUESTS, Layout.STEADY)
                            .connections(CONNECTIONS)
                            .bytes(BYTES)
                            .rate(PACE);
            OpenCell calm = cell("observe-scrape-off", title + "not scraped", Measure.LATENCY);
            OpenCell scraped =
                    cell("observe-scrape-on", title + "scraped each second", Measure.LATENCY);
            try (AutoCloseable _ = observers.prometheus()) {
                // The first one ends before this does.
            }
            bench.measure(
                    List.of(
                            new Shot(calm, site, load),
                            new Shot(scraped, site, load, observers::prometheus)));
            bench.notes().add(note(services, observers.scrapes()));
        }
    }

    private static String note(int services, List<Scrape> scrapes) {
        Spread later =
                Spread.of(
                        scrapes.subList(1, scrapes.size()).stream().map(Scrape::seconds).toList());
        return String.format(
                Locale.ROOT,
                "A scrape of %,d Services that all have had clients, %.1f MiB: the first of its agent"
                        + " %.2f s, later ones %.2f s (%.2f to %.2f).",
                services,
                scrapes.getLast().bytes() / MIB,
                scrapes.getFirst().seconds(),
                later.median(),
                later.least(),
                later.most());
    }
}
