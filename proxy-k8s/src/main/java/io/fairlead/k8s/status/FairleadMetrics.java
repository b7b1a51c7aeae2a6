package io.fairlead.k8s.status;

import io.fairlead.core.DataPlane;
import io.fairlead.core.backend.FlowRefusal;
import io.fairlead.k8s.sync.SyncLoop;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.LongSupplier;

/// Metrics of what only Fairlead has.
final class FairleadMetrics {

    private FairleadMetrics() {}

    static void register(PrometheusRegistry registry, SyncLoop sync, DataPlane plane) {
        BuildInfo build = BuildInfo.read();
        Info.builder()
                .name("fairlead_build")
                .help("The version that runs and the commit it was built from.")
                .labelNames("version", "commit")
                .register(registry)
                .setLabelValues(build.version(), build.commit());
        GaugeWithCallback.builder()
                .name("fairlead_flows")
                .help("Flows now open: connections, and exchanges of datagrams.")
                .labelNames("protocol")
                .callback(out -> {
                    long datagrams = plane.counts().liveDatagramFlows();
                    out.call((double) plane.liveFlows() - datagrams, "TCP");
                    out.call((double) datagrams, "UDP");
                })
                .register(registry);
        gauge(
                registry,
                "fairlead_service_ports",
                "Service ports now served, each family counted.",
                () -> sync.progress().applied().view().snapshot().size());
        gauge(
                registry,
                "fairlead_problems",
                "Problems now known, with objects or with serving them.",
                () -> sync.problems().current().size());
        counter(
                registry,
                "fairlead_events_dropped",
                "Kubernetes Events that never reached the API server: too many at once, or it was"
                        + " away.",
                sync.events()::dropped);
        counter(
                registry,
                "fairlead_backend_ejections",
                "Times a backend was ejected: new connections are led round it for a while.",
                plane.counts()::ejections);
        counter(
                registry,
                "fairlead_accept_pauses",
                "Times a lack of descriptors, of memory or of room for flows kept a listener from"
                        + " accepting.",
                plane.counts()::acceptPauses);
        UdpMetrics.register(registry, plane);
        counter(
                registry,
                "fairlead_flows_unserved",
                "Accepted TCP connections that were reset because their VIP had just gone.",
                () -> plane.counts().refusedFlows(FlowRefusal.GONE));
        counter(
                registry,
                "fairlead_flows_uncounted",
                "Connections that no limit per client was applied to, for want of room to count"
                        + " them.",
                plane.counts()::uncountedFlows);
    }

    private static void gauge(
            PrometheusRegistry registry, String name, String help, LongSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(out -> out.call((double) value.getAsLong()))
                .register(registry);
    }

    private static void counter(
            PrometheusRegistry registry, String name, String help, LongSupplier value) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(out -> out.call((double) value.getAsLong()))
                .register(registry);
    }
}
