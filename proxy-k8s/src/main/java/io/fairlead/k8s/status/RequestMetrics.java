package io.fairlead.k8s.status;

import io.fairlead.k8s.watch.ApiRequests;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import java.util.List;

/// Metrics of what was asked of the API server, under the names of every Kubernetes component
/// (SEMANTICS A13).
final class RequestMetrics {

    private RequestMetrics() {}

    static void register(PrometheusRegistry registry, ApiRequests requests) {
        CounterWithCallback.builder()
                .name("rest_client_requests")
                .help("Requests to the API server by what became of them.")
                .labelNames("code", "method", "host")
                .callback(out ->
                        requests.answers()
                                .forEach((answer, count) ->
                                        out.call(
                                                (double) count,
                                                answer.code(),
                                                answer.method(),
                                                answer.host())))
                .register(registry);
        MetricMetadata latency =
                new MetricMetadata(
                        "rest_client_request_duration_seconds",
                        "Time from a request to the API server to the head of its answer.");
        registry.register(() ->
                new HistogramSnapshot(
                        latency,
                        requests.durations().entrySet().stream()
                                .map(e ->
                                        DurationHistogram.point(
                                                List.of(e.getValue().copy()),
                                                Labels.of(
                                                        "verb",
                                                        e.getKey().verb(),
                                                        "host",
                                                        e.getKey().host())))
                                .toList()));
    }
}
