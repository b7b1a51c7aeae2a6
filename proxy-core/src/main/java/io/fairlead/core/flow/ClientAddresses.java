package io.fairlead.core.flow;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.table.SourceSet;
import java.util.Collection;
import java.util.List;

/// Where upstream sockets may have the addresses of clients. Set by the control thread, read by
/// event loops.
public final class ClientAddresses {

    private static final SourceSet[] NONE = {};

    private volatile boolean ipv4;
    private volatile boolean ipv6;
    private volatile SourceSet[] unreturnable = NONE;
    private List<Cidr> subnets = List.of(); // of the control thread

    /// Takes what is allowed from now on.
    ///
    /// @param families those in which answers come back
    /// @param exceptions subnets of which two hosts answer each other directly
    public void allow(Collection<IpFamily> families, List<Cidr> exceptions) {
        if (!exceptions.equals(subnets)) {
            SourceSet[] sets = new SourceSet[exceptions.size()];
            for (int i = 0; i < sets.length; i++) {
                sets[i] = SourceSet.of(List.of(exceptions.get(i)));
            }
            unreturnable = sets;
            subnets = List.copyOf(exceptions);
        }
        ipv4 = families.contains(IpFamily.IPV4);
        ipv6 = families.contains(IpFamily.IPV6);
    }

    /// Whether a backend's answer to the client's own address would come back here.
    public boolean mayUse(FlowTuple flow, IpAddress backend) {
        if (!(flow.family == IpFamily.IPV4 ? ipv4 : ipv6)) {
            return false;
        }
        for (SourceSet subnet : unreturnable) {
            if (subnet.contains(flow.family, flow.clientHigh, flow.clientLow)
                    && subnet.contains(backend.family(), backend.high(), backend.low())) {
                return false;
            }
        }
        return true;
    }
}
