package io.fairlead.core.host;

import io.fairlead.core.service.IpFamily;

/// The numbers and names by which our objects in the kernel are known from everybody else's.
final class KernelNames {

    /// Routing protocol of our routes and rules: `ip route show table all proto 102`, `ip rule show
    /// protocol 102`.
    ///
    /// Values from 5 on are handed out by nobody; routing daemons have taken 8 to 18, 42 and 186 to
    /// 192 (`RTPROT_*` in linux/rtnetlink.h). 102 is `f` in ASCII.
    static final String PROTOCOL = "102";

    /// Our routing table, with one route in each family. 253 to 255 are the kernel's; the networks
    /// we know of take others (AWS 2 and up for its interfaces, Cilium 200, 2004 and 2005,
    /// Tailscale 52, wg-quick 51820).
    static final String TABLE = "102";

    /// Metric of our routes, so that none replaces the kernel's own route to an address of this
    /// node, whose metric is 0.
    static final String METRIC = "102";

    /// The nft tables, one in the family inet and one in bridge.
    static final String NFT_TABLE = "fairlead";

    private KernelNames() {}

    /// The option by which `ip` is told a family.
    static String option(IpFamily family) {
        return switch (family) {
            case IPV4 -> "-4";
            case IPV6 -> "-6";
        };
    }

    /// The family as users write it.
    static String text(IpFamily family) {
        return switch (family) {
            case IPV4 -> "IPv4";
            case IPV6 -> "IPv6";
        };
    }
}
