package io.fairlead.k8s.local;

import io.fairlead.k8s.cluster.Problem;
import java.util.List;

/// A Service as this node sees it alone; contention with other Services is not yet settled.
record ServiceDraft(
        List<PortDraft> ports, List<HealthCheckNodePort> healthChecks, List<Problem> problems) {

    /// All VIPs that its ports claim.
    List<Claim> claims() {
        return ports.stream().flatMap(p -> p.claims().stream()).toList();
    }
}
