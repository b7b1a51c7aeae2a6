package io.fairlead.core.host;

import io.fairlead.core.service.IpFamily;

/// What a user can do about a refusal of the kernel.
final class Remedies {

    private Remedies() {}

    /// Begins with a semicolon; empty where we know of none.
    static String of(IpFamily family, String cause) {
        if (cause.contains("not permitted")) {
            return "; the agent needs CAP_NET_ADMIN";
        }
        if (family == IpFamily.IPV6 && isMissing(cause)) {
            return "; IPv4 is not affected. For IPv6, load it in the kernel and set"
                    + " net.ipv6.conf.all.disable_ipv6 and net.ipv6.conf.lo.disable_ipv6 to 0";
        }
        return "";
    }

    /// Whether this node is without IPv6, by setting or by kernel.
    static boolean isMissing(String cause) {
        return cause.contains("IPv6 is disabled")
                || cause.contains("not supported")
                || cause.contains("Nexthop device is not up");
    }
}
