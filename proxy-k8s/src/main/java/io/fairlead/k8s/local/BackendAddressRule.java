package io.fairlead.k8s.local;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which addresses may be dialled as backends.
///
/// Whoever may write an EndpointSlice could otherwise make the node's proxy speak to daemons that
/// listen for the node alone, or to a cloud's metadata service (CVE-2021-25737).
final class BackendAddressRule {
    private record Refused(Cidr range, String word) {}

    private static final List<Refused> REFUSED =
            List.of(
                    new Refused(Cidr.parse("0.0.0.0/8"), "an unspecified address"),
                    new Refused(Cidr.parse("169.254.0.0/16"), "a link-local address"),
                    new Refused(Cidr.parse("224.0.0.0/4"), "a multicast address"),
                    new Refused(Cidr.parse("255.255.255.255/32"), "the broadcast address"),
                    new Refused(Cidr.parse("::/128"), "an unspecified address"),
                    new Refused(Cidr.parse("fe80::/10"), "a link-local address"),
                    new Refused(Cidr.parse("ff00::/8"), "a multicast address"),
                    new Refused(Cidr.parse("::ffff:0:0/96"), "an IPv4-mapped address"));

    private BackendAddressRule() {}

    /// Why `address` may not be a backend, or null when it may.
    static @Nullable String refusal(IpAddress address, boolean loopbackAllowed) {
        if (address.isLoopback()) {
            return loopbackAllowed ? null : "a loopback address";
        }
        for (Refused refused : REFUSED) {
            if (refused.range.contains(address)) {
                return refused.word;
            }
        }
        return null;
    }

    /// Why `address` may not be a VIP, or null when it may.
    static @Nullable String vipRefusal(IpAddress address) {
        String refusal = refusal(address, true);
        return refusal != null && refusal.endsWith("link-local address") ? null : refusal;
    }
}
