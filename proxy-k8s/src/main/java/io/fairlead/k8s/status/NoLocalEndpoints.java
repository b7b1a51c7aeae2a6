package io.fairlead.k8s.status;

import io.fairlead.core.service.IpFamily;
import io.fairlead.k8s.local.LocalView;
import io.fairlead.k8s.sync.SyncProgress;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import java.util.ArrayList;
import java.util.List;

/// Service ports that a Local policy leaves without endpoints on this node (SEMANTICS A6.7), now.
///
/// Its name ends as a counter's would; kube-proxy called it so.
final class NoLocalEndpoints implements Collector {

    private static final MetricMetadata METADATA =
            new MetricMetadata(
                    "kubeproxy_sync_proxy_rules_no_local_endpoints_total",
                    "Service ports that a Local traffic policy leaves without endpoints here.");

    private final SyncProgress progress;

    NoLocalEndpoints(SyncProgress progress) {
        this.progress = progress;
    }

    @Override
    public GaugeSnapshot collect() {
        LocalView view = progress.applied().view();
        List<GaugeDataPointSnapshot> points = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            points.add(point(family, "internal", view.withoutLocalEndpointsInternal(family)));
            points.add(point(family, "external", view.withoutLocalEndpointsExternal(family)));
        }
        return new GaugeSnapshot(METADATA, points);
    }

    private static GaugeDataPointSnapshot point(IpFamily family, String policy, int count) {
        Labels labels = Labels.of("ip_family", SyncMetrics.label(family), "traffic_policy", policy);
        return new GaugeDataPointSnapshot(count, labels, null);
    }
}
