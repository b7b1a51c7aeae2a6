package io.fairlead.k8s.status;

import io.fairlead.core.DataPlane;
import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.backend.FlowTotals;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.table.ServiceEntry;
import io.prometheus.metrics.model.registry.MultiCollector;
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
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/// Metrics of each service port that ever had a flow, and of its backends as long as there are not
/// too many. Counted by the event loops, added up at each scrape.
///
/// Bytes, reasons and handshakes are those of connections; flows of datagrams count as flows.
final class ServiceMetrics implements MultiCollector {

    private static final String[] LABELS = {"namespace", "service", "port", "protocol", "family"};

    private final DataPlane plane;
    private final IntSupplier maxBackends;
    private final AtomicLong limitHits = new AtomicLong();

    /// @param maxBackends with more of them than this, backends have no series; 0 for none ever
    ServiceMetrics(DataPlane plane, IntSupplier maxBackends) {
        this.plane = plane;
        this.maxBackends = maxBackends;
    }

    /// The series of one scrape.
    private static final class Scrape {
        final List<GaugeDataPointSnapshot> live = new ArrayList<>();
        final List<CounterDataPointSnapshot> opened = new ArrayList<>();
        final List<CounterDataPointSnapshot> closed = new ArrayList<>();
        final List<CounterDataPointSnapshot> bytes = new ArrayList<>();
        final List<CounterDataPointSnapshot> failures = new ArrayList<>();
        final List<HistogramDataPointSnapshot> connects = new ArrayList<>();
        final List<GaugeDataPointSnapshot> backendLive = new ArrayList<>();
        final List<CounterDataPointSnapshot> backendOpened = new ArrayList<>();
        int backends;
    }

    @Override
    public MetricSnapshots collect() {
        Scrape scrape = new Scrape();
        int most = maxBackends.getAsInt();
        double[] bounds = bounds();
        for (ServiceEntry entry : plane.view()) {
            FlowTotals totals = entry.group().totals();
            Collection<Backend> backends = entry.group().backends();
            long opened = totals == null ? opened(backends) : totals.opened();
            if (opened == 0) {
                continue;
            }
            Labels labels = labels(entry.port().name());
            scrape.live.add(new GaugeDataPointSnapshot(entry.group().live(), labels, null));
            scrape.opened.add(counter(opened, labels));
            if (totals != null) {
                add(scrape, totals, labels, bounds);
            }
            scrape.backends += backends.size();
            if (scrape.backends <= most) {
                backends.forEach(b -> add(scrape, b, labels));
            }
        }
        if (scrape.backends > most) {
            scrape.backendLive.clear();
            scrape.backendOpened.clear();
            if (most > 0) {
                limitHits.incrementAndGet();
            }
        }
        return snapshots(scrape);
    }

    private static long opened(Collection<Backend> backends) {
        long opened = 0;
        for (Backend backend : backends) {
            opened += backend.opened();
        }
        return opened;
    }

    private static Labels labels(ServicePortName name) {
        return Labels.of(
                LABELS,
                new String[] {
                    name.namespace(),
                    name.service(),
                    name.port(),
                    name.protocol().toString(),
                    SyncMetrics.label(name.family())
                });
    }

    private static void add(Scrape scrape, FlowTotals totals, Labels labels, double[] bounds) {
        for (FlowEnd reason : FlowEnd.values()) {
            if (totals.closed(reason) > 0) {
                scrape.closed.add(
                        counter(totals.closed(reason), labels.add("reason", reason.word())));
            }
        }
        scrape.bytes.add(counter(totals.receivedBytes(), labels.add("from", "client")));
        scrape.bytes.add(counter(totals.returnedBytes(), labels.add("from", "backend")));
        for (ConnectFailure cause : ConnectFailure.values()) {
            long count = totals.connectFailures(cause);
            // From the start, so that the first refusal is seen as an increase.
            if (count > 0 || cause == ConnectFailure.REFUSED) {
                scrape.failures.add(counter(count, labels.add("cause", cause.word())));
            }
        }
        scrape.connects.add(
                new HistogramDataPointSnapshot(
                        ClassicHistogramBuckets.of(bounds, totals.connects()),
                        totals.connectSeconds(),
                        labels,
                        Exemplars.EMPTY,
                        0));
    }

    private static void add(Scrape scrape, Backend backend, Labels labels) {
        Labels own = labels.add("backend", backend.at().toString());
        scrape.backendLive.add(new GaugeDataPointSnapshot(backend.live(), own, null));
        scrape.backendOpened.add(counter(backend.opened(), own));
    }

    private static CounterDataPointSnapshot counter(long value, Labels labels) {
        return new CounterDataPointSnapshot(value, labels, null, 0);
    }

    private static double[] bounds() {
        double[] finite = FlowTotals.connectBoundsSeconds();
        double[] all = Arrays.copyOf(finite, finite.length + 1);
        all[finite.length] = Double.POSITIVE_INFINITY;
        return all;
    }

    private MetricSnapshots snapshots(Scrape scrape) {
        return MetricSnapshots.of(
                new GaugeSnapshot(
                        new MetricMetadata(
                                "fairlead_service_flows", "Flows now open, by service port."),
                        scrape.live),
                new CounterSnapshot(
                        new MetricMetadata(
                                "fairlead_service_flows_opened",
                                "Flows that began, by service port."),
                        scrape.opened),
                new CounterSnapshot(
                        new MetricMetadata(
                                "fairlead_service_flows_closed",
                                "Connections that ended, by service port and reason."),
                        scrape.closed),
                new CounterSnapshot(
                        new MetricMetadata(
                                "fairlead_service_bytes",
                                "Bytes of connections, by service port and who sent them."),
                        scrape.bytes),
                new CounterSnapshot(
                        new MetricMetadata(
                                "fairlead_service_connect_failures",
                                "Connections to backends that failed, by service port and cause."),
                        scrape.failures),
                new HistogramSnapshot(
                        new MetricMetadata(
                                "fairlead_service_connect_duration_seconds",
                                "Time from a client's connection to the backend's, attempts with other"
                                        + " backends included, by service port."),
                        scrape.connects),
                new GaugeSnapshot(
                        new MetricMetadata("fairlead_backend_flows", "Flows now open, by backend."),
                        scrape.backendLive),
                new CounterSnapshot(
                        new MetricMetadata(
                                "fairlead_backend_flows_opened", "Flows that began, by backend."),
                        scrape.backendOpened),
                new CounterSnapshot(
                        new MetricMetadata(
                                "fairlead_backend_series_limit_hits",
                                "Scrapes without series of backends, for there were more than"
                                        + " status.maxBackendSeries."),
                        List.of(counter(limitHits.get(), Labels.EMPTY))));
    }
}
