package io.fairlead.bench.report;

import io.fairlead.bench.report.Run.PeerInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.HdrHistogram.Histogram;

/// How long the slowest share of answers took, a curve for each peer; each further mark to the
/// right leaves out a tenth.
final class PercentileChart {

    private static final int WIDTH = 800;
    private static final int HEIGHT = 330;
    private static final int LEFT = 58;
    private static final int RIGHT = 640;
    private static final int TOP = 12;
    private static final int BOTTOM = 290;
    private static final double STEP = 0.02;
    private static final double MOST_NINES = 4;
    private static final int LABEL_HEIGHT = 15;

    /// A curve and where it ends.
    private record Curve(PeerInfo peer, Histogram histogram, double lastY) {
        double endsAt() {
            return lastY;
        }
    }

    private PercentileChart() {}

    /// @param peers in this order, each where it has latencies of the cell
    static Svg of(String title, String cell, List<PeerInfo> peers, Latencies latencies) {
        Svg svg = new Svg(WIDTH, HEIGHT, "latency by percentile: " + title);
        List<PeerInfo> shown =
                peers.stream().filter(peer -> latencies.of(cell, peer.id()).isPresent()).toList();
        double least = Double.MAX_VALUE;
        double most = 0;
        double nines = MOST_NINES;
        for (PeerInfo peer : shown) {
            Histogram histogram = latencies.of(cell, peer.id()).orElseThrow();
            // Ten figures at least are beyond the last that is shown.
            nines = Math.min(nines, Math.log10(Math.max(10, histogram.getTotalCount() / 10.0)));
            least = Math.min(least, micros(histogram, 0.02));
        }
        for (PeerInfo peer : shown) {
            most = Math.max(most, micros(latencies.of(cell, peer.id()).orElseThrow(), nines));
        }
        Axis x = Axis.linear(nines, LEFT, RIGHT);
        Axis y = Axis.logarithmic(least * 0.9, most * 1.1, BOTTOM, TOP);
        grid(svg, x, y, nines);
        List<Curve> curves = new ArrayList<>();
        for (PeerInfo peer : shown) {
            curves.add(draw(svg, x, y, nines, peer, latencies.of(cell, peer.id()).orElseThrow()));
        }
        label(svg, curves);
        return svg;
    }

    private static double micros(Histogram histogram, double nines) {
        return Math.max(1, histogram.getValueAtPercentile(100 - 100 * Math.pow(10, -nines))) / 1e3;
    }

    private static void grid(Svg svg, Axis x, Axis y, double nines) {
        for (double tick : y.ticks(0)) {
            svg.line("grid", LEFT, y.at(tick), RIGHT, y.at(tick));
            String text =
                    tick < 1000 ? Numbers.plain(tick) + " µs" : Numbers.plain(tick / 1000) + " ms";
            svg.text(
                    "tick",
                    LEFT - 8,
                    y.at(tick) + 4,
                    "end",
                    text.replace(".00", "").replace(".0 ", " "));
        }
        String[] names = {"50 %", "90 %", "99 %", "99.9 %", "99.99 %"};
        double[] at = {Math.log10(2), 1, 2, 3, 4};
        for (int i = 0; i < names.length; i++) {
            if (at[i] <= nines + 0.001) {
                svg.line("grid", x.at(at[i]), TOP, x.at(at[i]), BOTTOM);
                svg.text("tick", x.at(at[i]), BOTTOM + 18, "middle", names[i]);
            }
        }
        svg.line("axis", LEFT, BOTTOM, RIGHT, BOTTOM);
        svg.text(
                "tick",
                (LEFT + RIGHT) / 2.0,
                BOTTOM + 36,
                "middle",
                "share of answers that took no longer");
    }

    private static Curve draw(
            Svg svg, Axis x, Axis y, double nines, PeerInfo peer, Histogram histogram) {
        StringBuilder points = new StringBuilder();
        double last = 0;
        for (double at = 0; at <= nines + STEP / 2; at += STEP) {
            last = y.at(micros(histogram, Math.min(at, nines)));
            points.append(Svg.point(x.at(Math.min(at, nines)), last));
        }
        String tip =
                "%s: p50 %s µs, p99 %s µs, p99.9 %s µs"
                        .formatted(
                                peer.title(),
                                Numbers.plain(histogram.getValueAtPercentile(50) / 1e3),
                                Numbers.plain(histogram.getValueAtPercentile(99) / 1e3),
                                Numbers.plain(histogram.getValueAtPercentile(99.9) / 1e3));
        svg.path("curve p-" + peer.id(), points.toString().strip(), tip);
        return new Curve(peer, histogram, last);
    }

    /// Names beside the ends, pushed apart where they would meet.
    private static void label(Svg svg, List<Curve> curves) {
        List<Curve> byPlace =
                curves.stream().sorted(Comparator.comparingDouble(Curve::endsAt)).toList();
        double free = TOP + 4.0;
        double[] places = new double[byPlace.size()];
        for (int i = 0; i < places.length; i++) {
            places[i] = Math.max(free, byPlace.get(i).endsAt());
            free = places[i] + LABEL_HEIGHT;
        }
        double limit = BOTTOM;
        for (int i = places.length - 1; i >= 0; i--) {
            places[i] = Math.min(places[i], limit);
            limit = places[i] - LABEL_HEIGHT;
        }
        for (int i = 0; i < places.length; i++) {
            Curve curve = byPlace.get(i);
            svg.line("leader", RIGHT + 2, curve.endsAt(), RIGHT + 12, places[i]);
            svg.circle(
                    "mark p-" + curve.peer().id(), RIGHT + 18, places[i], 4, curve.peer().title());
            String name = curve.peer().name();
            svg.text(
                    curve.peer().id().startsWith("fairlead") ? "label us" : "label",
                    RIGHT + 27,
                    places[i] + 4,
                    "start",
                    name.length() <= 24 ? name : name.substring(0, 23) + "…");
        }
    }
}
