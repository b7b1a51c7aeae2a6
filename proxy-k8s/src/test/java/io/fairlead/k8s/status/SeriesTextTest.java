package io.fairlead.k8s.status;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.FlowTotals;
import io.fairlead.k8s.status.SeriesText.Bounds;
import io.fairlead.k8s.status.SeriesText.Family;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Our text beside that of Prometheus' own library, of the same values.
class SeriesTextTest {

    private static final double[] BOUNDS = FlowTotals.boundsSeconds();
    private static final String HELP = "Why it is there, and \"how\" often.";
    private static final String[] NAMES = {"namespace", "service"};

    /// Before, among and after them.
    private static final List<String> MORE = List.of("from", "reason", "zone");

    /// What a manifest can hold, and what a label is broken by.
    private static final List<String> HOSTILE =
            List.of(
                    "plain",
                    "",
                    "a\"} 1\nfairlead_made_up{b=\"c",
                    "back\\slash\\\\n",
                    "two\nlines\r\n",
                    "\u001b[31mred",
                    "snöwman ☃ 𝄞",
                    "x".repeat(100_000));

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final SeriesText text = new SeriesText(out);

    private String ours() throws IOException {
        text.flush();
        return out.toString(UTF_8);
    }

    private static String theirs(MetricSnapshot... snapshots) throws IOException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(written, MetricSnapshots.of(snapshots));
        return written.toString(UTF_8);
    }

    @Test
    void gaugesAndCountersAreWrittenAsByTheLibraryWhateverTheirLabelsHold() throws IOException {
        for (String hostile : HOSTILE) {
            for (long value : List.of(0L, 9L, 10L, 123_456L)) {
                out.reset();
                Labels labels = Labels.of(NAMES, new String[] {hostile, "web"});
                SeriesText.Labels own = new SeriesText.Labels(List.of(NAMES), hostile, "web");
                text.begin(Family.gauge("fairlead_a", HELP));
                text.sample(own, value);
                for (String more : MORE) {
                    text.begin(Family.counter("fairlead_b_" + more, HELP));
                    text.sample(own, SeriesText.Label.of(more, hostile), value);
                }
                text.begin(Family.counter("fairlead_c", HELP));
                text.sample(SeriesText.Labels.NONE, value);
                text.begin(Family.counter("fairlead_d", HELP));
                text.sample(SeriesText.Labels.NONE, SeriesText.Label.of("a", hostile), value);
                assertThat(ours())
                        .isEqualTo(
                                theirs(
                                        new GaugeSnapshot(
                                                new MetricMetadata("fairlead_a", HELP),
                                                List.of(
                                                        new GaugeDataPointSnapshot(
                                                                value, labels, null))),
                                        counter(
                                                "fairlead_b_from",
                                                value,
                                                labels.add("from", hostile)),
                                        counter(
                                                "fairlead_b_reason",
                                                value,
                                                labels.add("reason", hostile)),
                                        counter(
                                                "fairlead_b_zone",
                                                value,
                                                labels.add("zone", hostile)),
                                        counter("fairlead_c", value, Labels.EMPTY),
                                        counter("fairlead_d", value, Labels.of("a", hostile))));
            }
        }
    }

    private static CounterSnapshot counter(String name, long value, Labels labels) {
        return new CounterSnapshot(
                new MetricMetadata(name, HELP),
                List.of(new CounterDataPointSnapshot(value, labels, null, 0)));
    }

    @Test
    void histogramsAreWrittenAsByTheLibrary() throws IOException {
        long seed = 20_261_129;
        Random random = new Random(seed);
        for (int i = 0; i < 100; i++) {
            out.reset();
            long[] counts = random.longs(BOUNDS.length + 1L, 0, 1L << (i % 40)).toArray();
            double sum = random.nextDouble() * Math.pow(10, i % 12 - 4);
            text.begin(Family.histogram("fairlead_h_seconds", HELP));
            text.histogram(
                    new SeriesText.Labels(List.of(NAMES), "n", "s"),
                    new Bounds(BOUNDS),
                    counts,
                    sum);
            double[] all = Arrays.copyOf(BOUNDS, BOUNDS.length + 1);
            all[BOUNDS.length] = Double.POSITIVE_INFINITY;
            assertThat(ours())
                    .as("seed " + seed)
                    .isEqualTo(
                            theirs(
                                    new HistogramSnapshot(
                                            new MetricMetadata("fairlead_h_seconds", HELP),
                                            List.of(
                                                    new HistogramDataPointSnapshot(
                                                            ClassicHistogramBuckets.of(all, counts),
                                                            sum,
                                                            Labels.of(
                                                                    NAMES, new String[] {"n", "s"}),
                                                            Exemplars.EMPTY,
                                                            0)))));
        }
    }

    @Test
    void aMetricWithoutSeriesLeavesNothing() throws IOException {
        text.begin(Family.gauge("fairlead_a", HELP));
        text.begin(Family.counter("fairlead_b", HELP));
        assertThat(ours()).isEmpty();
    }
}
