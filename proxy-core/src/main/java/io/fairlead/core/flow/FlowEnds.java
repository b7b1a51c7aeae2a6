package io.fairlead.core.flow;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;

/// Where a flow came from and where it arrived, for as long as it lives.
public record FlowEnds(
        IpFamily family,
        long clientHigh,
        long clientLow,
        int clientPort,
        long vipHigh,
        long vipLow,
        int vipPort) {

    public AddressPort client() {
        return at(family, clientHigh, clientLow, clientPort);
    }

    public AddressPort vip() {
        return at(family, vipHigh, vipLow, vipPort);
    }

    /// An address and port, as [IpAddress] keeps its bits.
    public static AddressPort at(IpFamily family, long high, long low, int port) {
        return new AddressPort(
                family == IpFamily.IPV4 ? IpAddress.ofIpv4((int) low) : IpAddress.ofIpv6(high, low),
                port);
    }
}
