package io.fairlead.bench.run;

import io.fairlead.bench.load.LoadRequest.Kind;
import io.fairlead.bench.peer.Fairlead;
import io.fairlead.bench.peer.Layout;
import io.fairlead.bench.peer.Peer;
import io.fairlead.bench.peer.Peers;
import io.fairlead.bench.peer.ServiceManifest;
import io.fairlead.bench.run.OpenCell.Measure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Connections while not all is well with the backends.
final class Backends {

    private static final int CHANGES_A_SECOND = 20;
    private static final Layout ONE_OF_FOUR_DEAD = new Layout(4, 1, 10);
    private static final Layout TWO = new Layout(2, 0, 10);

    private Backends() {}

    /// One of four has nothing at its port, and nobody has told.
    static void dead(Bench bench) throws Exception {
        OpenCell cell =
                new OpenCell(
                        "dead",
                        Scenario.DEAD.id(),
                        "one backend of four refuses connections",
                        Measure.FAILED);
        List<Site> sites = new ArrayList<>();
        try {
            List<Shot> shots = new ArrayList<>();
            for (Peer peer : bench.peers()) {
                if (!peer.id().equals(Peers.DIRECT)) {
                    bench.openOrGiveUp(peer, ONE_OF_FOUR_DEAD).ifPresent(sites::add);
                }
            }
            for (Site site : sites) {
                shots.add(
                        new Shot(
                                cell,
                                site,
                                site.load(Kind.CONNECT, Layout.BRIEF)
                                        .connections(Scenario.CONNECTING)));
            }
            bench.measure(shots);
        } finally {
            sites.forEach(Site::close);
        }
    }

    /// An endpoint of each Service comes and goes; nothing may fail.
    static void churn(Bench bench) throws Exception {
        List<Site> sites = new ArrayList<>();
        try {
            OpenCell calm = cell("churn-none", "two endpoints that stay");
            OpenCell churn =
                    cell(
                            "churn",
                            "one of them comes or goes " + CHANGES_A_SECOND + " times a second");
            List<Shot> shots = new ArrayList<>();
            for (Peer peer : bench.peers()) {
                if (peer instanceof Fairlead) {
                    Site site = bench.open(peer, TWO);
                    sites.add(site);
                    var load =
                            site.load(Kind.CONNECT, Layout.BRIEF).connections(Scenario.CONNECTING);
                    shots.add(new Shot(calm, site, load));
                    shots.add(new Shot(churn, site, load, () -> changes(site)));
                }
            }
            if (!shots.isEmpty()) {
                bench.measure(shots);
            }
        } finally {
            sites.forEach(Site::close);
        }
    }

    private static OpenCell cell(String id, String title) {
        return new OpenCell(id, Scenario.CHURN.id(), title, Measure.CONNECTIONS);
    }

    private static AutoCloseable changes(Site site) {
        ServiceManifest manifest = ((Fairlead.Agent) site.running()).manifest();
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        int[] turn = {0};
        var _ =
                clock.scheduleAtFixedRate(
                        () -> write(manifest, 1 + turn[0]++ % 2),
                        0,
                        1_000 / CHANGES_A_SECOND,
                        TimeUnit.MILLISECONDS);
        return () -> {
            clock.shutdown();
            boolean _ = clock.awaitTermination(5, TimeUnit.SECONDS);
            write(manifest, 2);
        };
    }

    private static void write(ServiceManifest manifest, int endpoints) {
        try {
            manifest.write(endpoints);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
