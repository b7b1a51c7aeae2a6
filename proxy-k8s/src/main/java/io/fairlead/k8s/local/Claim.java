package io.fairlead.k8s.local;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.Vip;
import java.time.Instant;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// A service port's wish to serve a VIP; granted to one where several have the same.
///
/// Claims to one VIP are sorted by who was there first: the oldest Service, then its name, then the
/// place of the port in it.
///
/// @param created of the Service; null sorts last
/// @param field which names the address, or the port where the Service contends with itself
record Claim(
        ServicePortName claimant, @Nullable Instant created, int portIndex, Vip vip, String field)
        implements Comparable<Claim> {

    private static final Comparator<Claim> FIRST_COME =
            Comparator.comparing(Claim::created, Comparator.nullsLast(Comparator.naturalOrder()))
                    .thenComparing(c -> c.claimant().namespace())
                    .thenComparing(c -> c.claimant().service())
                    .thenComparingInt(Claim::portIndex);

    /// What is contended for: two VIPs of different kinds are the same to a client.
    record Key(AddressPort at, Protocol protocol) {}

    Key key() {
        return new Key(vip.at(), claimant.protocol());
    }

    boolean isOfService(ServicePortName other) {
        return claimant.qualifiedService().equals(other.qualifiedService());
    }

    @Override
    public int compareTo(Claim other) {
        return FIRST_COME.compare(this, other);
    }

    /// `10.96.0.10:80/TCP`, or `node port 30080/TCP`.
    String describe() {
        String at = vip.kind() == Vip.Kind.NODE_PORT ? "node port " + vip.port() : "" + vip.at();
        return at + "/" + claimant.protocol();
    }
}
