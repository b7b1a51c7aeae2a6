package io.fairlead.k8s.local;

import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.SpecialAddress;
import org.jspecify.annotations.Nullable;

/// Which addresses may be backends and VIPs, as far as that shows when objects are read; backends
/// are asked about once more when they are dialled.
final class BackendAddressRule {

    private BackendAddressRule() {}

    /// Why `address` may not be a backend, or null when it may.
    static @Nullable SpecialAddress refusal(IpAddress address, boolean loopbackAllowed) {
        SpecialAddress special = SpecialAddress.of(address);
        return special == SpecialAddress.LOOPBACK && loopbackAllowed ? null : special;
    }

    /// Why `address` may not be a VIP, or null when it may.
    static @Nullable SpecialAddress vipRefusal(IpAddress address) {
        SpecialAddress refusal = refusal(address, true);
        return refusal == SpecialAddress.LINK_LOCAL ? null : refusal;
    }
}
