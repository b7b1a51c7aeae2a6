package io.fairlead.k8s.cluster;

import io.fairlead.core.service.IpFamily;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The cluster IPs of a Service.
///
/// @param headless `clusterIP: None`
/// @param primary `spec.clusterIP`; null when absent or unreadable
/// @param byFamily readable entries of `spec.clusterIPs` that agree with the entry of
///   `spec.ipFamilies` at the same place
/// @param familiesGiven whether `spec.ipFamilies` has entries
public record ClusterIps(
        boolean headless,
        @Nullable AddressField primary,
        List<AddressField> byFamily,
        boolean familiesGiven) {

    /// Neither an address nor headless: not allocated yet, or an ExternalName.
    public static final ClusterIps NONE = new ClusterIps(false, null, List.of(), false);

    public ClusterIps {
        byFamily = List.copyOf(byFamily);
    }

    /// The cluster IP of a family, null where the Service does not exist for it (SEMANTICS A2.3).
    public @Nullable AddressField of(IpFamily family) {
        if (!familiesGiven) {
            return primary != null && primary.address().family() == family ? primary : null;
        }
        return byFamily.stream()
                .filter(ip -> ip.address().family() == family)
                .findFirst()
                .orElse(null);
    }
}
