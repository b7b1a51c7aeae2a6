package io.fairlead.core;

import io.fairlead.core.capture.HostRoutes;
import io.fairlead.core.kernel.Capabilities;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.transport.ClientAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whose address backends see, and why, for the line at start.
final class ClientDescription {

    private ClientDescription() {}

    /// @param host none where VIPs are this machine's own addresses
    /// @param asked whether clients' addresses are wanted at all
    static String of(@Nullable HostRoutes host, boolean asked) {
        if (host == null) {
            return "backends see this machine's address";
        }
        String whose = ofNode(host, asked);
        return Capabilities.ofThisProcess().has(Capabilities.Name.CAP_NET_RAW)
                ? whose
                : whose
                        + "; UDP clients are not told when a backend refuses, for CAP_NET_RAW is"
                        + " missing";
    }

    private static String ofNode(HostRoutes host, boolean asked) {
        if (!asked) {
            return "backends see this node's address, as set";
        }
        if (!ClientAddress.isPermitted()) {
            return "backends see this node's address: the client's needs CAP_NET_ADMIN";
        }
        Map<IpFamily, String> failures = host.returnFailures();
        if (failures.isEmpty()) {
            return "backends see the client's address, IPv4 and IPv6";
        }
        if (failures.size() == 1) {
            boolean ipv4 = !failures.containsKey(IpFamily.IPV4);
            return "backends see the client's address in "
                    + (ipv4 ? "IPv4, not in IPv6: " : "IPv6, not in IPv4: ")
                    + failures.values().iterator().next();
        }
        return "backends see this node's address: " + failures.get(IpFamily.IPV4);
    }
}
