package io.fairlead.core.balance;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.ServicePortName;
import org.jspecify.annotations.Nullable;

/// One client of one service port and where its flows go; about 80 bytes.
///
/// Belongs to an [AffinityStripe] and is only touched under its monitor.
final class AffinityEntry {

    final long hash;
    final ServicePortName port;
    final long clientHigh;
    final long clientLow;

    /// An address rather than a backend, which would outlive its retirement here.
    AddressPort backend;

    /// Where the backend stood in the set that was used last: right until that set changes.
    int indexHint;

    long lastUsedNs;
    long ttlNs;

    // Neighbours in order of last use, and the next in the bucket.
    @Nullable AffinityEntry older;
    @Nullable AffinityEntry newer;
    @Nullable AffinityEntry next;

    AffinityEntry(
            long hash, ServicePortName port, long clientHigh, long clientLow, AddressPort backend) {
        this.hash = hash;
        this.port = port;
        this.clientHigh = clientHigh;
        this.clientLow = clientLow;
        this.backend = backend;
    }

    boolean isOf(ServicePortName port, long clientHigh, long clientLow) {
        return this.clientHigh == clientHigh
                && this.clientLow == clientLow
                && this.port.equals(port);
    }

    // By difference: System.nanoTime may wrap, and loops read it a moment apart.
    boolean isExpired(long nowNs, long ttlNs) {
        return nowNs - lastUsedNs >= ttlNs;
    }

    boolean isExpired(long nowNs) {
        return isExpired(nowNs, ttlNs);
    }

    AffinityRecord toRecord(long nowNs) {
        IpAddress client =
                switch (port.family()) {
                    case IPV4 -> IpAddress.ofIpv4((int) clientLow);
                    case IPV6 -> IpAddress.ofIpv6(clientHigh, clientLow);
                };
        return new AffinityRecord(port, client, backend, nowNs - lastUsedNs, ttlNs);
    }
}
