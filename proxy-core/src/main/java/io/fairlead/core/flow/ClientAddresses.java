package io.fairlead.core.flow;

import io.fairlead.core.service.IpFamily;
import java.util.Collection;

/// For which families upstream sockets may have the addresses of clients. Set by the control
/// thread, read by event loops.
public final class ClientAddresses {

    private volatile boolean ipv4;
    private volatile boolean ipv6;

    public void allow(Collection<IpFamily> families) {
        ipv4 = families.contains(IpFamily.IPV4);
        ipv6 = families.contains(IpFamily.IPV6);
    }

    public boolean mayUse(IpFamily family) {
        return family == IpFamily.IPV4 ? ipv4 : ipv6;
    }
}
