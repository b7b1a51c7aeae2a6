package io.fairlead.k8s.status;

import io.fairlead.core.backend.FlowTotals;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What service ports and backends counted, as series of one scrape.
final class ServiceSeries {

    private final double[] bounds;
    private final List<GaugeDataPointSnapshot> live = new ArrayList<>();
    private final List<CounterDataPointSnapshot> opened = new ArrayList<>();
    private final List<CounterDataPointSnapshot> closed = new ArrayList<>();
    private final List<CounterDataPointSnapshot> refused = new ArrayList<>();
    private final List<CounterDataPointSnapshot> bytes = new ArrayList<>();
    private final List<CounterDataPointSnapshot> datagrams = new ArrayList<>();
    private final List<CounterDataPointSnapshot> failures = new ArrayList<>();
    private final List<CounterDataPointSnapshot> retries = new ArrayList<>();
    private final List<HistogramDataPointSnapshot> connects = new ArrayList<>();
    private final List<HistogramDataPointSnapshot> firstBytes = new ArrayList<>();
    private final List<GaugeDataPointSnapshot> ejected = new ArrayList<>();
    private final List<GaugeDataPointSnapshot> backendLive = new ArrayList<>();
    private final List<CounterDataPointSnapshot> backendOpened = new ArrayList<>();

    ServiceSeries() {
        double[] finite = FlowTotals.boundsSeconds();
        bounds = Arrays.copyOf(finite, finite.length + 1);
        bounds[finite.length] = Double.POSITIVE_INFINITY;
    }

    void live(long value, Labels labels) {
        live.add(gauge(value, labels));
    }

    void opened(long value, Labels labels) {
        opened.add(counter(value, labels));
    }

    void closed(long value, Labels labels) {
        closed.add(counter(value, labels));
    }

    void refused(long value, Labels labels) {
        refused.add(counter(value, labels));
    }

    void bytes(long value, Labels labels) {
        bytes.add(counter(value, labels));
    }

    void datagrams(long value, Labels labels) {
        datagrams.add(counter(value, labels));
    }

    void failures(long value, Labels labels) {
        failures.add(counter(value, labels));
    }

    void retries(long value, Labels labels) {
        retries.add(counter(value, labels));
    }

    void connects(long[] counts, double sum, Labels labels) {
        connects.add(histogram(counts, sum, labels));
    }

    void firstBytes(long[] counts, double sum, Labels labels) {
        firstBytes.add(histogram(counts, sum, labels));
    }

    void ejected(long value, Labels labels) {
        ejected.add(gauge(value, labels));
    }

    void backend(long liveFlows, long openedFlows, Labels labels) {
        backendLive.add(gauge(liveFlows, labels));
        backendOpened.add(counter(openedFlows, labels));
    }

    /// There are too many.
    void dropBackends() {
        backendLive.clear();
        backendOpened.clear();
    }

    private static GaugeDataPointSnapshot gauge(long value, Labels labels) {
        return new GaugeDataPointSnapshot(value, labels, null);
    }

    private static CounterDataPointSnapshot counter(long value, Labels labels) {
        return new CounterDataPointSnapshot(value, labels, null, 0);
    }

    private HistogramDataPointSnapshot histogram(long[] counts, double sum, Labels labels) {
        return new HistogramDataPointSnapshot(
                ClassicHistogramBuckets.of(bounds, counts), sum, labels, Exemplars.EMPTY, 0);
    }

    /// All of them.
    ///
    /// @param limitHits scrapes without series of backends
    MetricSnapshots snapshots(long limitHits) {
        List<MetricSnapshot> all = new ArrayList<>();
        all.add(gauges("fairlead_service_flows", "Flows now open, by service port.", live));
        all.add(
                counters(
                        "fairlead_service_flows_opened",
                        "Flows that began, by service port.",
                        opened));
        all.add(
                counters(
                        "fairlead_service_flows_closed",
                        "Flows that ended, by service port and reason.",
                        closed));
        all.add(
                counters(
                        "fairlead_service_flows_refused",
                        "Connections that were reset before they had a backend, by service port and"
                                + " reason.",
                        refused));
        all.add(
                counters(
                        "fairlead_service_bytes",
                        "Bytes passed on, by service port and who sent them.",
                        bytes));
        all.add(
                counters(
                        "fairlead_service_datagrams",
                        "Datagrams passed on, by service port and who sent them.",
                        datagrams));
        all.add(
                counters(
                        "fairlead_service_connect_failures",
                        "Connections to backends that failed, by service port and reason.",
                        failures));
        all.add(
                counters(
                        "fairlead_service_connect_retries",
                        "Times a connection went on to another backend, by service port and the"
                                + " reason of the failure before.",
                        retries));
        all.add(
                histograms(
                        "fairlead_service_connect_duration_seconds",
                        "Time from a client's connection to the backend's, attempts with other"
                                + " backends included, by service port.",
                        connects));
        all.add(
                histograms(
                        "fairlead_service_first_byte_seconds",
                        "Time from a client's connection to the first byte of its backend, by"
                                + " service port.",
                        firstBytes));
        all.add(
                gauges(
                        "fairlead_service_ejected_backends",
                        "Backends that connections are led round now, by service port.",
                        ejected));
        all.add(gauges("fairlead_backend_flows", "Flows now open, by backend.", backendLive));
        all.add(
                counters(
                        "fairlead_backend_flows_opened",
                        "Flows that began, by backend.",
                        backendOpened));
        all.add(
                counters(
                        "fairlead_backend_series_limit_hits",
                        "Scrapes without series of backends, for there were more than"
                                + " status.maxBackendSeries.",
                        List.of(counter(limitHits, Labels.EMPTY))));
        return MetricSnapshots.of(all.toArray(MetricSnapshot[]::new));
    }

    private static GaugeSnapshot gauges(
            String name, String help, List<GaugeDataPointSnapshot> points) {
        return new GaugeSnapshot(new MetricMetadata(name, help), points);
    }

    private static CounterSnapshot counters(
            String name, String help, List<CounterDataPointSnapshot> points) {
        return new CounterSnapshot(new MetricMetadata(name, help), points);
    }

    private static HistogramSnapshot histograms(
            String name, String help, List<HistogramDataPointSnapshot> points) {
        return new HistogramSnapshot(new MetricMetadata(name, help), points);
    }
}
