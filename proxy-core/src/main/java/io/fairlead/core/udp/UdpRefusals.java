package io.fairlead.core.udp;

import io.fairlead.core.kernel.PortUnreachable;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpFamily;

/// Tells clients that nothing answers at a VIP, and counts it. Owned by one event loop.
final class UdpRefusals implements AutoCloseable {

    private final PortUnreachable portUnreachable = new PortUnreachable();
    private final UdpCounters counters;

    UdpRefusals(UdpCounters counters) {
        this.counters = counters;
    }

    /// Nobody serves what the client asked.
    void tellNobodyServes(UdpListener listener, long high, long low, int port) {
        counters.add(UdpCount.REFUSED, 1);
        tell(listener.frontend().at(), high, low, port);
    }

    /// The flow's backend has nothing at its port.
    void tellBackendRefuses(UdpFlow flow) {
        counters.add(UdpCount.REFUSED_BY_BACKEND, 1);
        tell(flow.listener.frontend().at(), flow.clientHigh, flow.clientLow, flow.clientPort);
    }

    private void tell(AddressPort asked, long high, long low, int port) {
        long vipHigh = asked.address().high();
        long vipLow = asked.address().low();
        if (asked.address().family() == IpFamily.IPV4) {
            portUnreachable.tellIpv4((int) vipLow, asked.port(), (int) low, port);
        } else {
            portUnreachable.tellIpv6(vipHigh, vipLow, asked.port(), high, low, port);
        }
    }

    @Override
    public void close() {
        portUnreachable.close();
    }
}
