package io.fairlead.k8s.status;

import io.fairlead.core.DataPlane;
import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.backend.FlowRefusal;
import io.fairlead.core.backend.FlowTotals;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.table.ServiceEntry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/// Metrics of each service port that ever had a client, and of its backends as long as there are
/// not too many. Counted by the event loops, added up at each scrape.
final class ServiceMetrics implements MultiCollector {

    private static final String[] LABELS = {"namespace", "service", "port", "protocol", "family"};

    private static final String REASON = "reason";
    private static final String FROM = "from";

    private final DataPlane plane;
    private final IntSupplier maxBackends;
    private final AtomicLong limitHits = new AtomicLong();

    /// @param maxBackends with more of them than this, backends have no series; 0 for none ever
    ServiceMetrics(DataPlane plane, IntSupplier maxBackends) {
        this.plane = plane;
        this.maxBackends = maxBackends;
    }

    @Override
    public MetricSnapshots collect() {
        ServiceSeries series = new ServiceSeries();
        int most = maxBackends.getAsInt();
        int count = 0;
        for (ServiceEntry entry : plane.view()) {
            FlowTotals totals = entry.group().totals();
            if (totals == null) {
                continue;
            }
            Labels labels = labels(entry.port().name());
            add(series, entry, totals, labels);
            Collection<Backend> backends = entry.group().backends();
            count += backends.size();
            if (count <= most) {
                backends.forEach(b -> add(series, b, labels));
            }
        }
        if (count > most) {
            series.dropBackends();
            if (most > 0) {
                limitHits.incrementAndGet();
            }
        }
        return series.snapshots(limitHits.get());
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

    private static void add(
            ServiceSeries series, ServiceEntry entry, FlowTotals totals, Labels labels) {
        series.live(entry.group().live(), labels);
        series.opened(totals.opened(), labels);
        series.ejected(entry.ejected(), labels);
        for (FlowEnd reason : FlowEnd.values()) {
            if (totals.closed(reason) > 0) {
                series.closed(totals.closed(reason), labels.add(REASON, reason.word()));
            }
        }
        Labels fromClients = labels.add(FROM, "client");
        Labels fromBackends = labels.add(FROM, "backend");
        series.bytes(totals.receivedBytes(), fromClients);
        series.bytes(totals.returnedBytes(), fromBackends);
        addFailures(series, totals, labels);
        if (entry.port().name().protocol() == Protocol.UDP) {
            series.datagrams(totals.receivedDatagrams(), fromClients);
            series.datagrams(totals.returnedDatagrams(), fromBackends);
        } else {
            addConnections(series, totals, labels);
        }
    }

    private static void addFailures(ServiceSeries series, FlowTotals totals, Labels labels) {
        for (ConnectFailure reason : ConnectFailure.values()) {
            Labels own = labels.add(REASON, reason.word());
            // From the start, so that the first refusal is seen as an increase.
            if (totals.connectFailures(reason) > 0 || reason == ConnectFailure.REFUSED) {
                series.failures(totals.connectFailures(reason), own);
            }
            if (totals.connectRetries(reason) > 0) {
                series.retries(totals.connectRetries(reason), own);
            }
        }
    }

    private static void addConnections(ServiceSeries series, FlowTotals totals, Labels labels) {
        for (FlowRefusal reason : FlowRefusal.values()) {
            if (totals.refused(reason) > 0) {
                series.refused(totals.refused(reason), labels.add(REASON, reason.word()));
            }
        }
        series.connects(totals.connects(), totals.connectSeconds(), labels);
        series.firstBytes(totals.firstBytes(), totals.firstByteSeconds(), labels);
    }

    private static void add(ServiceSeries series, Backend backend, Labels labels) {
        series.backend(
                backend.live(), backend.opened(), labels.add("backend", backend.at().toString()));
    }
}
