package io.fairlead.core.table;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.PersistentMap;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.SpecialAddress;
import org.jspecify.annotations.Nullable;

/// Which backend addresses are never dialled, whoever named them: asked for each new flow, of the
/// very address that would be dialled. Allocates nothing; immutable.
public final class DialRules {

    static final String VIP = "a VIP, which would lead back here";
    static final String OWN_PORT = "a port of the agent itself";

    private final NodeNetwork node;
    private final PersistentMap<IpAddress, Integer> vips;
    private final boolean loopbackAllowed;

    /// @param vips the addresses of all VIPs but NodePorts
    /// @param loopbackAllowed whether backends may be on loopback for any client; for a client of a
    ///   loopback VIP, which is this machine, they always may
    DialRules(NodeNetwork node, PersistentMap<IpAddress, Integer> vips, boolean loopbackAllowed) {
        this.node = node;
        this.vips = vips;
        this.loopbackAllowed = loopbackAllowed;
    }

    /// What the address is that must not be dialled, to follow "is"; null when it may.
    ///
    /// @param table where NodePorts stand
    /// @param toLoopback whether the client asked for a loopback address
    @Nullable String refusal(
            VipTable table, Protocol protocol, AddressPort to, boolean toLoopback) {
        SpecialAddress special = SpecialAddress.of(to.address());
        if (special == SpecialAddress.LOOPBACK) {
            // All of 127.0.0.0/8 is one machine: only the very frontend leads back here.
            return loopbackAllowed || toLoopback
                    ? frontend(table, protocol, to)
                    : special.toString();
        }
        if (special != null) {
            return special.toString();
        }
        if (node.addresses().contains(to.address())) {
            // Ports of the host are backends, as of host-network pods, even where some Service
            // claims the node's address as an external IP.
            return protocol == Protocol.TCP && node.agentPorts().contains(to.port())
                    ? OWN_PORT
                    : frontend(table, protocol, to);
        }
        return vips.get(to.address()) != null || node.isInServiceCidr(to.address())
                ? VIP
                : frontend(table, protocol, to);
    }

    private static @Nullable String frontend(VipTable table, Protocol protocol, AddressPort to) {
        IpAddress address = to.address();
        return table.lookup(address.high(), address.low(), VipTable.tag(protocol, to)) == null
                ? null
                : VIP;
    }
}
