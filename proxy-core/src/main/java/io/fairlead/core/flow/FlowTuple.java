package io.fairlead.core.flow;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.VipTable;

/// Where a new flow comes from and where it arrived. Mutable: one per event loop, filled anew for
/// each flow, so that starting one allocates nothing.
public final class FlowTuple {

    long clientHigh;
    long clientLow;
    int clientPort;
    long vipHigh;
    long vipLow;
    int vipPort;
    IpFamily family = IpFamily.IPV4;
    Protocol protocol = Protocol.TCP;
    long tag;
    long nowNs;

    /// The place of arrival.
    public FlowTuple arrivedAt(Protocol protocol, AddressPort at) {
        IpAddress address = at.address();
        return arrivedAt(protocol, address.family(), address.high(), address.low(), at.port());
    }

    /// The place of arrival, as [IpAddress] keeps its bits.
    public FlowTuple arrivedAt(Protocol protocol, IpFamily family, long high, long low, int port) {
        this.protocol = protocol;
        this.family = family;
        vipHigh = high;
        vipLow = low;
        vipPort = port;
        tag = VipTable.tag(protocol, family, port);
        return this;
    }

    /// Whether the client asked for a loopback address, so that it is this machine.
    boolean isToLoopback() {
        return family == IpFamily.IPV4 ? vipLow >>> 24 == 127 : vipHigh == 0 && vipLow == 1;
    }

    public IpFamily family() {
        return family;
    }

    /// The client's address, upper half.
    public long clientHigh() {
        return clientHigh;
    }

    /// The client's address, lower half.
    public long clientLow() {
        return clientLow;
    }

    public int clientPort() {
        return clientPort;
    }

    /// The address it asked, upper half.
    public long vipHigh() {
        return vipHigh;
    }

    /// The address it asked, lower half.
    public long vipLow() {
        return vipLow;
    }

    public int vipPort() {
        return vipPort;
    }

    /// When it arrived.
    public long nowNs() {
        return nowNs;
    }

    /// When it arrived, by the clock that session affinity expires by.
    public FlowTuple when(long nowNs) {
        this.nowNs = nowNs;
        return this;
    }

    /// The client, as [IpAddress] keeps its bits.
    public FlowTuple from(long high, long low, int port) {
        clientHigh = high;
        clientLow = low;
        clientPort = port;
        return this;
    }
}
