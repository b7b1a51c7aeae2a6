package io.fairlead.k8s.status;

import io.fairlead.k8s.sync.SyncProgress;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/// Answers about the health of this proxy, byte for byte as kube-proxy 1.36 does (SEMANTICS A12b).
final class ProxyHealth {

    private final SyncHealth health;
    private final NodeEligibility node;
    private final SyncProgress progress;
    private final Counter healthz;
    private final Counter livez;
    private volatile boolean leaves;

    ProxyHealth(
            SyncHealth health,
            NodeEligibility node,
            SyncProgress progress,
            PrometheusRegistry registry) {
        this.health = health;
        this.node = node;
        this.progress = progress;
        this.healthz = counter("kubeproxy_proxy_healthz", "/healthz", registry);
        this.livez = counter("kubeproxy_proxy_livez", "/livez", registry);
    }

    private static Counter counter(String name, String path, PrometheusRegistry registry) {
        return Counter.builder()
                .name(name)
                .help("Answers of the health server on " + path + ", by HTTP status code.")
                .labelNames("code")
                .withoutExemplars()
                .register(registry);
    }

    /// Sends load balancers elsewhere from now on.
    void leave() {
        leaves = true;
    }

    boolean leaves() {
        return leaves;
    }

    HttpReply answer(String path) {
        return switch (path) {
            case "/healthz" -> healthz();
            case "/livez" -> livez();
            default -> HttpReply.notFound();
        };
    }

    /// For load balancers: the node stays, and what it serves follows the cluster.
    private HttpReply healthz() {
        SyncHealth.Verdict verdict = health.verdict();
        boolean eligible = !leaves && node.test(progress.latest());
        String middle = "\"nodeEligible\":" + eligible + ",";
        return counted(healthz, verdict.healthy() && eligible, json(verdict, middle));
    }

    /// For kubelet: nothing about the node, or a node that drains would see its proxy restarted.
    private HttpReply livez() {
        SyncHealth.Verdict verdict = health.verdict();
        return counted(livez, verdict.healthy(), json(verdict, ""));
    }

    private static HttpReply counted(Counter counter, boolean good, String body) {
        int code = good ? HttpReply.OK : HttpReply.UNAVAILABLE;
        counter.labelValues(Integer.toString(code)).inc();
        return HttpReply.json(code, body);
    }

    private static String json(SyncHealth.Verdict verdict, String middle) {
        String updated = GoTime.format(verdict.lastUpdated());
        String family =
                "{\"lastUpdated\":\"" + updated + "\",\"healthy\":" + verdict.healthy() + "}";
        return "{\"lastUpdated\":\""
                + updated
                + "\",\"currentTime\":\""
                + GoTime.format(verdict.now())
                + "\","
                + middle
                + "\"healthy\":"
                + verdict.healthy()
                + ",\"status\":{\"IPv4\":"
                + family
                + ",\"IPv6\":"
                + family
                + "}}";
    }
}
