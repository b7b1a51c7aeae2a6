package io.fairlead.k8s.local;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which external IPs are served: whoever may write a Service could otherwise take traffic to any
/// address (CVE-2020-8554).
///
/// @param allowed only within these; null for all, as kube-proxy has it, empty for none
public record ExternalIpRule(@Nullable List<Cidr> allowed) {

    /// As kube-proxy.
    public static final ExternalIpRule ALL = new ExternalIpRule(null);

    public ExternalIpRule {
        allowed = allowed == null ? null : List.copyOf(allowed);
    }

    /// Reads `all`, `none`, or ranges.
    ///
    /// @throws IllegalArgumentException for anything else
    public static ExternalIpRule parse(List<String> words) {
        if (words.equals(List.of("all"))) {
            return ALL;
        }
        return new ExternalIpRule(
                words.equals(List.of("none"))
                        ? List.of()
                        : words.stream().map(Cidr::parse).toList());
    }

    /// As [#parse] reads it.
    public List<String> words() {
        if (allowed == null) {
            return List.of("all");
        }
        return allowed.isEmpty() ? List.of("none") : allowed.stream().map(Cidr::toString).toList();
    }

    boolean allows(IpAddress address) {
        return allowed == null || allowed.stream().anyMatch(range -> range.contains(address));
    }

    /// Whose address it is as well, to follow "is"; null when nobody's that is known.
    static @Nullable String owner(IpAddress address, NodeNetwork network) {
        if (network.addresses().contains(address)) {
            return "an address of this node";
        }
        if (network.isInServiceCidr(address)) {
            return "in a range of ClusterIPs";
        }
        return network.podCidrs().stream().anyMatch(range -> range.contains(address))
                ? "in a range of pods"
                : null;
    }
}
