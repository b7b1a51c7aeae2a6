package io.fairlead.bench.run;

import io.fairlead.bench.load.LoadRequest;
import io.fairlead.bench.load.LoadRequest.Kind;
import io.fairlead.bench.peer.Layout;
import io.fairlead.bench.peer.Peer;
import io.fairlead.bench.report.Cell;
import io.fairlead.bench.run.OpenCell.Measure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A question that a run answers.
enum Scenario {

    /// How many bytes a second.
    BULK {
        @Override
        void run(Bench bench) throws Exception {
            for (int streams : bench.scale().streams()) {
                OpenCell cell =
                        new OpenCell(
                                "bulk-" + streams,
                                id(),
                                streams == 1 ? "one stream" : streams + " streams",
                                Measure.BULK);
                bench.measure(
                        shots(bench, cell, Kind.BULK, Layout.STEADY, r -> r.connections(streams)));
            }
        }

        @Override
        double seconds(Scale scale, int peers) {
            return scale.streams().size() * peers * scale.perShot();
        }
    },

    /// How many requests a second, each after the answer to the one before.
    REQUESTS {
        @Override
        void run(Bench bench) throws Exception {
            for (Scale.Requests each : bench.scale().requests()) {
                OpenCell cell =
                        new OpenCell(
                                "requests-" + each.bytes() + "x" + each.connections(),
                                id(),
                                "%s, %s"
                                        .formatted(
                                                each.bytes() == 64 ? "64 B" : "4 KiB",
                                                each.connections() == 1
                                                        ? "one connection"
                                                        : each.connections() + " connections"),
                                Measure.REQUESTS);
                bench.measure(
                        shots(
                                bench,
                                cell,
                                Kind.REQUESTS,
                                Layout.STEADY,
                                r -> r.connections(each.connections()).bytes(each.bytes())));
            }
        }

        @Override
        double seconds(Scale scale, int peers) {
            return scale.requests().size() * peers * scale.perShot();
        }
    },

    /// How many connections a second, for one byte and its echo each.
    CONNECT {
        @Override
        void run(Bench bench) throws Exception {
            OpenCell cell =
                    new OpenCell("connect", id(), "connect, 1 byte, close", Measure.CONNECTIONS);
            bench.measure(
                    shots(bench, cell, Kind.CONNECT, Layout.BRIEF, r -> r.connections(CONNECTING)));
        }

        @Override
        double seconds(Scale scale, int peers) {
            return peers * scale.perShot();
        }
    },

    /// How long an answer takes at a fixed rate, a share of the most that the peer reached.
    LATENCY {
        private static final int CONNECTIONS = 50;
        private static final int BYTES = 64;
        private static final String MOST = "requests-64x50";

        @Override
        void run(Bench bench) throws Exception {
            if (bench.cell(MOST).isEmpty()) {
                OpenCell most =
                        new OpenCell(MOST, REQUESTS.id(), "64 B, 50 connections", Measure.REQUESTS);
                bench.measure(
                        shots(
                                bench,
                                most,
                                Kind.REQUESTS,
                                Layout.STEADY,
                                r -> r.connections(CONNECTIONS).bytes(BYTES)));
            }
            for (int percent : new int[] {50, 80}) {
                OpenCell cell =
                        new OpenCell(
                                "latency-" + percent,
                                id(),
                                "at " + percent + " % of the peer's own maximum",
                                Measure.LATENCY);
                List<Shot> shots = new ArrayList<>();
                for (Site site : bench.usualSites()) {
                    double rate = most(bench, site.peer()) * percent / 100;
                    shots.add(
                            new Shot(
                                    cell,
                                    site,
                                    site.load(Kind.REQUESTS, Layout.STEADY)
                                            .connections(CONNECTIONS)
                                            .bytes(BYTES)
                                            .rate(rate)));
                }
                bench.measure(shots);
            }
        }

        private double most(Bench bench, Peer peer) {
            Optional<Cell.Series> series = bench.cell(MOST).flatMap(cell -> cell.of(peer.id()));
            return series.orElseThrow().figures().median();
        }

        @Override
        double seconds(Scale scale, int peers) {
            return 2 * peers * scale.perShot();
        }
    },

    /// How many datagrams are answered a second.
    UDP {
        @Override
        void run(Bench bench) throws Exception {
            udp(bench, "udp-known", "64 B, flows that last", Kind.UDP_KNOWN, Layout.UDP_KNOWN);
            udp(bench, "udp-new", "64 B, a new flow for each", Kind.UDP_NEW, Layout.UDP_NEW);
        }

        private void udp(Bench bench, String cell, String title, Kind kind, int port)
                throws Exception {
            OpenCell open = new OpenCell(cell, id(), title, Measure.ANSWERS);
            List<Shot> shots = new ArrayList<>();
            for (Site site : bench.usualSites()) {
                if (site.peer().udp()) {
                    shots.add(new Shot(open, site, site.load(kind, port)));
                }
            }
            bench.measure(shots);
        }

        @Override
        double seconds(Scale scale, int peers) {
            return 2 * (peers - 2) * scale.perShot();
        }
    },

    /// Whether many Services cost a connection anything.
    SERVICES {
        @Override
        void run(Bench bench) throws Exception {
            ManyServices.run(bench);
        }

        @Override
        double seconds(Scale scale, int peers) {
            return 2 * scale.services().size() * (scale.perShot() + 3);
        }
    },

    /// What a connection costs that does nothing.
    IDLE {
        @Override
        void run(Bench bench) throws Exception {
            IdleConnections.run(bench);
        }

        @Override
        double seconds(Scale scale, int peers) {
            return (peers - 2) * (2 + scale.idle() / 2_000.0);
        }
    },

    /// How many connections fail where one backend of four is dead and nobody has told.
    DEAD {
        @Override
        void run(Bench bench) throws Exception {
            Backends.dead(bench);
        }

        @Override
        double seconds(Scale scale, int peers) {
            return (peers - 1) * (1 + scale.perShot());
        }
    },

    /// What it costs that endpoints come and go.
    CHURN {
        @Override
        void run(Bench bench) throws Exception {
            Backends.churn(bench);
        }

        @Override
        double seconds(Scale scale, int peers) {
            return 2 + 2 * scale.perShot();
        }
    },

    /// What it costs that somebody looks into the agent.
    OBSERVE {
        @Override
        boolean isBrief() {
            return false;
        }

        @Override
        void run(Bench bench) throws Exception {
            Observability.run(bench);
        }

        @Override
        double seconds(Scale scale, int peers) {
            return 60 + scale.services().getLast() / 500.0 + 8 * scale.perShot();
        }
    };

    /// Connections under way at once, where they come and go.
    static final int CONNECTING = 32;

    /// Its word on the command line and its part of the report.
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return id(); // as the command line lists it
    }

    /// Measures and files its cells.
    abstract void run(Bench bench) throws Exception;

    /// Whether the short run has it.
    boolean isBrief() {
        return true;
    }

    /// About how long that takes.
    abstract double seconds(Scale scale, int peers);

    /// What is asked of each peer beyond kind and port.
    interface Wish {
        LoadRequest of(LoadRequest request);
    }

    private static List<Shot> shots(Bench bench, OpenCell cell, Kind kind, int port, Wish wish)
            throws Exception {
        List<Shot> shots = new ArrayList<>();
        for (Site site : bench.usualSites()) {
            shots.add(new Shot(cell, site, wish.of(site.load(kind, port))));
        }
        return shots;
    }
}
