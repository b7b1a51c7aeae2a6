package io.fairlead.k8s.status;

import io.fairlead.core.DataPlane;
import io.fairlead.core.udp.UdpCount;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;

/// Metrics of datagrams that are not of one service port.
final class UdpMetrics {

    private final PrometheusRegistry registry;
    private final DataPlane plane;

    private UdpMetrics(PrometheusRegistry registry, DataPlane plane) {
        this.registry = registry;
        this.plane = plane;
    }

    static void register(PrometheusRegistry registry, DataPlane plane) {
        new UdpMetrics(registry, plane).all();
    }

    private void all() {
        GaugeWithCallback.builder()
                .name("fairlead_udp_idle_sockets")
                .help("Sockets to backends that wait for a flow of questions.")
                .callback(out -> out.call((double) plane.counts().datagrams(UdpCount.POOLED)))
                .register(registry);
        CounterWithCallback.builder()
                .name("fairlead_udp_sockets_reused")
                .help("Flows of questions that took a socket which waited.")
                .callback(out -> out.call((double) plane.counts().datagrams(UdpCount.REUSED)))
                .register(registry);
        counter(
                "fairlead_udp_refused",
                "Datagrams answered with port unreachable: nobody is served there, or the backend"
                        + " has nothing at its port.",
                Map.of("not-served", UdpCount.REFUSED, "refused", UdpCount.REFUSED_BY_BACKEND));
        counter(
                "fairlead_udp_dropped",
                "Datagrams not passed on: they could not be sent, or are answers to an earlier"
                        + " flow's question.",
                Map.of("failed", UdpCount.FAILED, "late", UdpCount.LATE));
    }

    private void counter(String name, String help, Map<String, UdpCount> values) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames("reason")
                .callback(out ->
                        values.forEach((reason, count) ->
                                out.call((double) plane.counts().datagrams(count), reason)))
                .register(registry);
    }
}
