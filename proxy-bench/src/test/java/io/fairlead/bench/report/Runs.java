package io.fairlead.bench.report;

import io.fairlead.bench.report.Cell.Round;
import io.fairlead.bench.report.Cell.Series;
import io.fairlead.bench.report.Run.Machine;
import io.fairlead.bench.report.Run.PeerInfo;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.HdrHistogram.Histogram;

/// A small run with every kind of cell.
final class Runs {

    private static final List<String> PEERS =
            List.of("direct", "dnat", "haproxy", "haproxy-splice", "nginx", "fairlead");

    private Runs() {}

    static Run small() {
        return new Run(
                "2026-11-23T08:00:00Z",
                "quick",
                "proxy-bench run --quick",
                42,
                3,
                0.5,
                new Machine("A <fast> CPU & more", 2, 4096, "Linux 6", "Debian", "VM", "0.1", 0.02),
                List.of(
                        new PeerInfo("direct", "direct", "", null, false),
                        new PeerInfo("dnat", "kernel DNAT (nft)", "", null, false),
                        new PeerInfo("haproxy", "HAProxy", "2.6", null, true),
                        new PeerInfo("haproxy-splice", "HAProxy, forced splice", "2.6", null, true),
                        new PeerInfo("nginx", "nginx stream", "", "nginx is not on the PATH", true),
                        new PeerInfo("fairlead", "Fairlead", "0.1", null, true)),
                List.of(
                        cell("bulk-1", "bulk", "Gbit/s"),
                        cell("requests-64x1", "requests", "requests/s"),
                        cell("connect", "connect", "connections/s"),
                        cell("latency-50", "latency", "us, p99"),
                        cell("services-10", "services", "connections/s"),
                        cell("services-10000", "services", "connections/s"),
                        cell("dead", "dead", "% failed"),
                        agents("observe-requests-off", 100),
                        agents("observe-requests-again", 104),
                        agents("observe-requests-on", 98)),
                List.of("A note with <angles> & more."));
    }

    private static Cell cell(String id, String scenario, String unit) {
        return new Cell(
                id,
                scenario,
                "title of " + id,
                unit,
                !scenario.equals("latency") && !scenario.equals("dead"),
                "10 k connections",
                scenario.equals("dead"),
                PEERS.stream()
                        .filter(peer -> !peer.equals("nginx"))
                        .map(peer -> series(peer, 100 - 10 * PEERS.indexOf(peer)))
                        .toList());
    }

    /// Of Fairlead alone.
    private static Cell agents(String id, double figure) {
        return new Cell(
                id,
                "observe",
                "title of " + id,
                "requests/s",
                true,
                "100 k requests",
                false,
                List.of(series("fairlead", figure)));
    }

    private static Series series(String peer, double figure) {
        return new Series(peer, List.of(round(figure), round(figure * 1.02), round(figure * 0.98)));
    }

    private static Round round(double figure) {
        return new Round(figure, 1_000, 0.5, 0.1, 0, "", 0.2, 0.1, 0.1, 0.5, 0, 0);
    }

    /// Of three rounds of two peers in two cells.
    static Latencies latencies() {
        Latencies all = new Latencies();
        for (String cell : List.of("requests-64x1", "latency-50")) {
            for (int round = 0; round < 3; round++) {
                all.add(cell, "direct", round, encoded(10_000));
                all.add(cell, "fairlead", round, encoded(20_000));
            }
        }
        return all;
    }

    private static String encoded(long ns) {
        Histogram histogram = new Histogram(3);
        for (int i = 1; i <= 1_000; i++) {
            histogram.recordValue(ns + i);
        }
        ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(bytes);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes.array(), length));
    }
}
