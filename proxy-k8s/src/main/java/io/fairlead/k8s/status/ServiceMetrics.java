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
import io.fairlead.k8s.status.SeriesText.Bounds;
import io.fairlead.k8s.status.SeriesText.Family;
import io.fairlead.k8s.status.SeriesText.Label;
import io.fairlead.k8s.status.SeriesText.Labels;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.IntSupplier;

/// Metrics of each service port that ever had a client, and of its backends as long as there are
/// not too many. Counted by the event loops, added up at each scrape; a scrape of ten thousand
/// holds some 6 MiB of sums and names, and writes the rest as it goes.
final class ServiceMetrics {

    private static final Family LIVE =
            Family.gauge("fairlead_service_flows", "Flows now open, by service port.");
    private static final Family OPENED =
            Family.counter("fairlead_service_flows_opened", "Flows that began, by service port.");
    private static final Family CLOSED =
            Family.counter(
                    "fairlead_service_flows_closed",
                    "Flows that ended, by service port and reason.");
    private static final Family REFUSED =
            Family.counter(
                    "fairlead_service_flows_refused",
                    "Connections that were reset before they had a backend, by service port and"
                            + " reason.");
    private static final Family BYTES =
            Family.counter(
                    "fairlead_service_bytes",
                    "Bytes passed on, by service port and who sent them.");
    private static final Family DATAGRAMS =
            Family.counter(
                    "fairlead_service_datagrams",
                    "Datagrams passed on, by service port and who sent them.");
    private static final Family FAILURES =
            Family.counter(
                    "fairlead_service_connect_failures",
                    "Connections to backends that failed, by service port and reason.");
    private static final Family RETRIES =
            Family.counter(
                    "fairlead_service_connect_retries",
                    "Times a connection went on to another backend, by service port and the reason"
                            + " of the failure before.");
    private static final Family CONNECTS =
            Family.histogram(
                    "fairlead_service_connect_duration_seconds",
                    "Time from a client's connection to the backend's, attempts with other backends"
                            + " included, by service port.");
    private static final Family FIRST_BYTES =
            Family.histogram(
                    "fairlead_service_first_byte_seconds",
                    "Time from a client's connection to the first byte of its backend, by service"
                            + " port.");
    private static final Family EJECTED =
            Family.gauge(
                    "fairlead_service_ejected_backends",
                    "Backends that connections are led round now, by service port.");
    private static final Family BACKEND_LIVE =
            Family.gauge("fairlead_backend_flows", "Flows now open, by backend.");
    private static final Family BACKEND_OPENED =
            Family.counter("fairlead_backend_flows_opened", "Flows that began, by backend.");
    private static final Family LIMIT_HITS =
            Family.counter(
                    "fairlead_backend_series_limit_hits",
                    "Scrapes without series of backends, for there were more than"
                            + " status.maxBackendSeries.");

    private static final List<String> NAMES =
            List.of("family", "namespace", "port", "protocol", "service");
    private static final Label FROM_CLIENTS = Label.of("from", "client");
    private static final Label FROM_BACKENDS = Label.of("from", "backend");
    private static final Map<FlowEnd, Label> ENDS = reasons(FlowEnd.class, FlowEnd::word);
    private static final Map<FlowRefusal, Label> REFUSALS =
            reasons(FlowRefusal.class, FlowRefusal::word);
    private static final Map<ConnectFailure, Label> CAUSES =
            reasons(ConnectFailure.class, ConnectFailure::word);
    private static final Bounds BOUNDS = new Bounds(FlowTotals.boundsSeconds());

    private final DataPlane plane;
    private final IntSupplier maxBackends;
    private final AtomicLong limitHits = new AtomicLong();

    /// A service port at the moment of a scrape.
    private static final class Point {

        private final ServiceEntry entry;
        private final FlowTotals totals;
        private final Labels labels;

        Point(ServiceEntry entry, FlowTotals totals) {
            this.entry = entry;
            this.totals = totals;
            this.labels = labels(entry.port().name());
        }

        boolean isUdp() {
            return entry.port().name().protocol() == Protocol.UDP;
        }
    }

    /// @param maxBackends with more of them than this, backends have no series; 0 for none ever
    ServiceMetrics(DataPlane plane, IntSupplier maxBackends) {
        this.plane = plane;
        this.maxBackends = maxBackends;
    }

    private static <E extends Enum<E>> Map<E, Label> reasons(
            Class<E> type, Function<E, String> word) {
        Map<E, Label> labels = new EnumMap<>(type);
        for (E reason : type.getEnumConstants()) {
            labels.put(reason, Label.of("reason", word.apply(reason)));
        }
        return labels;
    }

    private static Labels labels(ServicePortName name) {
        return new Labels(
                NAMES,
                SyncMetrics.label(name.family()),
                name.namespace(),
                name.port(),
                name.protocol().toString(),
                name.service());
    }

    /// Writes all series as they are now.
    void writeTo(OutputStream out) throws IOException {
        List<Point> points = new ArrayList<>();
        for (ServiceEntry entry : plane.view()) {
            FlowTotals totals = entry.group().totals();
            if (totals != null) {
                points.add(new Point(entry, totals));
            }
        }
        SeriesText text = new SeriesText(out);
        writeFlows(text, points);
        writeAmounts(text, points);
        writeAttempts(text, points);
        writeTimes(text, points);
        writeBackends(text, points);
        text.flush();
    }

    private static void writeFlows(SeriesText text, List<Point> points) throws IOException {
        text.begin(LIVE);
        for (Point p : points) {
            text.sample(p.labels, p.entry.group().live());
        }
        text.begin(OPENED);
        for (Point p : points) {
            text.sample(p.labels, p.totals.opened());
        }
        text.begin(CLOSED);
        for (Point p : points) {
            for (Map.Entry<FlowEnd, Label> each : ENDS.entrySet()) {
                sampleIfAny(text, p, each.getValue(), p.totals.closed(each.getKey()));
            }
        }
        text.begin(REFUSED);
        for (Point p : points) {
            for (Map.Entry<FlowRefusal, Label> each : REFUSALS.entrySet()) {
                if (!p.isUdp()) {
                    sampleIfAny(text, p, each.getValue(), p.totals.refused(each.getKey()));
                }
            }
        }
    }

    private static void sampleIfAny(SeriesText text, Point point, Label label, long count)
            throws IOException {
        if (count > 0) {
            text.sample(point.labels, label, count);
        }
    }

    private static void writeAmounts(SeriesText text, List<Point> points) throws IOException {
        text.begin(BYTES);
        for (Point p : points) {
            text.sample(p.labels, FROM_CLIENTS, p.totals.receivedBytes());
            text.sample(p.labels, FROM_BACKENDS, p.totals.returnedBytes());
        }
        text.begin(DATAGRAMS);
        for (Point p : points) {
            if (p.isUdp()) {
                text.sample(p.labels, FROM_CLIENTS, p.totals.receivedDatagrams());
                text.sample(p.labels, FROM_BACKENDS, p.totals.returnedDatagrams());
            }
        }
    }

    private static void writeAttempts(SeriesText text, List<Point> points) throws IOException {
        text.begin(FAILURES);
        for (Point p : points) {
            for (Map.Entry<ConnectFailure, Label> each : CAUSES.entrySet()) {
                long count = p.totals.connectFailures(each.getKey());
                // From the start, so that the first refusal is seen as an increase.
                if (each.getKey() == ConnectFailure.REFUSED || count > 0) {
                    text.sample(p.labels, each.getValue(), count);
                }
            }
        }
        text.begin(RETRIES);
        for (Point p : points) {
            for (Map.Entry<ConnectFailure, Label> each : CAUSES.entrySet()) {
                sampleIfAny(text, p, each.getValue(), p.totals.connectRetries(each.getKey()));
            }
        }
    }

    private static void writeTimes(SeriesText text, List<Point> points) throws IOException {
        text.begin(CONNECTS);
        for (Point p : points) {
            if (!p.isUdp()) {
                text.histogram(p.labels, BOUNDS, p.totals.connects(), p.totals.connectSeconds());
            }
        }
        text.begin(FIRST_BYTES);
        for (Point p : points) {
            if (!p.isUdp()) {
                text.histogram(
                        p.labels, BOUNDS, p.totals.firstBytes(), p.totals.firstByteSeconds());
            }
        }
    }

    private void writeBackends(SeriesText text, List<Point> points) throws IOException {
        text.begin(EJECTED);
        for (Point p : points) {
            text.sample(p.labels, p.entry.ejected());
        }
        long count = points.stream().mapToLong(p -> p.entry.group().backends().size()).sum();
        int most = maxBackends.getAsInt();
        if (count <= most) {
            text.begin(BACKEND_LIVE);
            for (Point p : points) {
                for (Backend backend : p.entry.group().backends()) {
                    text.sample(p.labels, label(backend), backend.live());
                }
            }
            text.begin(BACKEND_OPENED);
            for (Point p : points) {
                for (Backend backend : p.entry.group().backends()) {
                    text.sample(p.labels, label(backend), backend.opened());
                }
            }
        } else if (most > 0) {
            limitHits.incrementAndGet();
        }
        text.begin(LIMIT_HITS);
        text.sample(Labels.NONE, limitHits.get());
    }

    private static Label label(Backend backend) {
        return Label.of("backend", backend.at().toString());
    }
}
