package io.fairlead.k8s.status;

import io.fairlead.core.DataPlane;
import io.fairlead.core.transport.LoopDelay;
import io.fairlead.k8s.sync.Moment;
import io.fairlead.k8s.sync.SyncProgress;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;

/// Metrics of the data plane as a whole: its event loops, its memory, who sticks to whom, and how
/// far it is behind.
final class PlaneMetrics {

    private PlaneMetrics() {}

    static void register(PrometheusRegistry registry, DataPlane plane, SyncProgress progress) {
        registry.register((Collector) () -> delays(plane));
        gauge(
                registry,
                "fairlead_event_loops",
                "Event loops, each on a thread of its own.",
                () -> plane.counts().loopDelays().size());
        gauge(
                registry,
                "fairlead_buffered_bytes",
                "Memory that holds bytes which one side has sent and the other has not taken.",
                plane.counts()::bufferedBytes);
        gauge(
                registry,
                "fairlead_relay_pipes",
                "Pipes that hold bytes which one side has sent and the other has not taken.",
                plane.counts()::heldPipes);
        counter(
                registry,
                "fairlead_spliced_bytes",
                "Bytes of connections that went through a pipe rather than through memory.",
                plane.counts()::splicedBytes);
        counter(
                registry,
                "fairlead_unbuffered_reads",
                "Times that memory was used up (flows.bufferMegabytes): bytes that the other side"
                        + " did not take stayed with their sender.",
                plane.counts()::unbufferedReads);
        gauge(
                registry,
                "fairlead_affinity_clients",
                "Clients that stick to a backend, expired ones included until they are forgotten.",
                () -> plane.clients().size());
        gauge(
                registry,
                "fairlead_state_waiting_seconds",
                "How long there has been something to apply; 0 when there is nothing.",
                () -> waitingSeconds(progress));
        counter(
                registry,
                "fairlead_affinity_evictions",
                "Clients that stick no longer, for others needed the room.",
                () -> plane.clients().evicted());
        counter(
                registry,
                "fairlead_access_log_dropped",
                "Flows that the access log has no line of, for it could not keep up.",
                () -> plane.closedFlows().dropped());
    }

    private static double waitingSeconds(SyncProgress progress) {
        return progress.unappliedSince()
                .map(since -> Moment.now().since(since).toNanos() / 1e9)
                .orElse(0.0);
    }

    private static HistogramSnapshot delays(DataPlane plane) {
        double[] finite = LoopDelay.boundsSeconds();
        double[] bounds = Arrays.copyOf(finite, finite.length + 1);
        bounds[finite.length] = Double.POSITIVE_INFINITY;
        List<HistogramDataPointSnapshot> points = new ArrayList<>();
        for (LoopDelay delay : plane.counts().loopDelays()) {
            points.add(
                    new HistogramDataPointSnapshot(
                            ClassicHistogramBuckets.of(bounds, delay.counts()),
                            delay.sumSeconds(),
                            Labels.of("loop", Integer.toString(points.size())),
                            Exemplars.EMPTY,
                            0));
        }
        return new HistogramSnapshot(
                new MetricMetadata(
                        "fairlead_event_loop_delay_seconds",
                        "How late event loops came to a task due once a second."),
                points);
    }

    private static void gauge(
            PrometheusRegistry registry, String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(out -> out.call(value.getAsDouble()))
                .register(registry);
    }

    private static void counter(
            PrometheusRegistry registry, String name, String help, DoubleSupplier value) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(out -> out.call(value.getAsDouble()))
                .register(registry);
    }
}
