package io.fairlead.k8s.status;

import io.fairlead.core.DataPlane;
import io.fairlead.core.udp.UdpCount;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.LinkedHashMap;
import java.util.Map;

/// Metrics of flows of datagrams.
final class UdpMetrics {

    private static final Map<String, UdpCount> REASONS = new LinkedHashMap<>();

    static {
        REASONS.put("idle", UdpCount.ENDED_IDLE);
        REASONS.put("answered", UdpCount.ENDED_ANSWERED);
        REASONS.put("backend-gone", UdpCount.ENDED_BACKEND_GONE);
        REASONS.put("frontend-gone", UdpCount.ENDED_FRONTEND_GONE);
        REASONS.put("failed", UdpCount.ENDED_FAILED);
        REASONS.put("handed-over", UdpCount.HANDED_OVER);
        REASONS.put("evicted-limit", UdpCount.EVICTED_FOR_ALL);
        REASONS.put("evicted-client-limit", UdpCount.EVICTED_FOR_CLIENT);
        REASONS.put("evicted-no-socket", UdpCount.EVICTED_FOR_SOCKET);
    }

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
                .name("fairlead_udp_flows")
                .help("Flows of datagrams now live.")
                .callback(out -> out.call((double) plane.liveDatagramFlows()))
                .register(registry);
        GaugeWithCallback.builder()
                .name("fairlead_udp_idle_sockets")
                .help("Sockets to backends that wait for a flow of questions.")
                .callback(out -> out.call((double) plane.datagrams(UdpCount.POOLED)))
                .register(registry);
        CounterWithCallback.builder()
                .name("fairlead_udp_flows_opened")
                .help("Flows of datagrams that began, by whether they took a socket that waited.")
                .labelNames("socket")
                .callback(out -> {
                    long reused = plane.datagrams(UdpCount.REUSED);
                    out.call((double) reused, "reused");
                    out.call((double) (plane.datagrams(UdpCount.OPENED) - reused), "new");
                })
                .register(registry);
        counter(
                "fairlead_udp_flows_closed",
                "Flows of datagrams that ended, by reason; those that made room for others are"
                        + " evicted.",
                "reason",
                REASONS);
        counter(
                "fairlead_udp_datagrams",
                "Datagrams passed on.",
                "to",
                Map.of("backend", UdpCount.TO_BACKENDS, "client", UdpCount.TO_CLIENTS));
        counter(
                "fairlead_udp_bytes",
                "Bytes of datagrams passed on, without headers.",
                "to",
                Map.of("backend", UdpCount.BYTES_TO_BACKENDS, "client", UdpCount.BYTES_TO_CLIENTS));
        counter(
                "fairlead_udp_refused",
                "Datagrams answered with port unreachable: nobody is served, or the backend has"
                        + " nothing at its port.",
                "by",
                Map.of("service", UdpCount.REFUSED, "backend", UdpCount.REFUSED_BY_BACKEND));
        counter(
                "fairlead_udp_dropped",
                "Datagrams not passed on: they could not be sent, or are answers to an earlier"
                        + " flow's question.",
                "why",
                Map.of("failed", UdpCount.FAILED, "late", UdpCount.LATE));
    }

    private void counter(String name, String help, String label, Map<String, UdpCount> values) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(label)
                .callback(out ->
                        values.forEach(
                                (value, count) -> out.call((double) plane.datagrams(count), value)))
                .register(registry);
    }
}
