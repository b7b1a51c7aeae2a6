package io.fairlead.k8s.status;

import io.fairlead.core.DataPlane;
import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.tcp.FlowRefusal;
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
        gauge(registry, "fairlead_flows", "Connections now open.", plane::liveFlows);
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
        CounterWithCallback.builder()
                .name("fairlead_connect_failures")
                .help("Connections to backends that failed, by cause.")
                .labelNames("cause")
                .callback(out -> {
                    for (ConnectFailure cause : ConnectFailure.values()) {
                        out.call((double) plane.connectFailures(cause), cause.word());
                    }
                })
                .register(registry);
        counter(
                registry,
                "fairlead_connect_retries",
                "Times a connection went on to another backend before anything was sent.",
                plane::connectRetries);
        counter(
                registry,
                "fairlead_connects_given_up",
                "Connections that were reset because no backend could be connected to.",
                plane::connectsGivenUp);
        counter(
                registry,
                "fairlead_backend_ejections",
                "Times a backend was ejected: new connections are led round it for a while.",
                plane::ejections);
        gauge(
                registry,
                "fairlead_ejected_backends",
                "Backends that are ejected now.",
                plane::ejectedBackends);
        counter(
                registry,
                "fairlead_dial_refusals",
                "Times an endpoint was not connected to because its address must not be: it is"
                        + " special, a VIP, or a port of the agent.",
                plane::dialRefusals);
        counter(
                registry,
                "fairlead_accept_pauses",
                "Times a lack of descriptors, of memory or of room for flows kept a listener from"
                        + " accepting.",
                plane::acceptPauses);
        UdpMetrics.register(registry, plane);
        CounterWithCallback.builder()
                .name("fairlead_flows_ended")
                .help("TCP connections that ended, by cause.")
                .labelNames("cause")
                .callback(out -> {
                    for (FlowEnd cause : FlowEnd.values()) {
                        out.call((double) plane.endedFlows(cause), cause.word());
                    }
                })
                .register(registry);
        CounterWithCallback.builder()
                .name("fairlead_flows_refused")
                .help(
                        "Accepted TCP connections that were reset before they had a backend, by cause.")
                .labelNames("cause")
                .callback(out -> {
                    for (FlowRefusal cause : FlowRefusal.values()) {
                        out.call((double) plane.refusedFlows(cause), cause.word());
                    }
                })
                .register(registry);
        counter(
                registry,
                "fairlead_flows_uncounted",
                "Connections that no limit per client was applied to, for want of room to count"
                        + " them.",
                plane::uncountedFlows);
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
