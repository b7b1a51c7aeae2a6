package io.fairlead.core.host;

import io.fairlead.core.kernel.PacketMark;
import io.fairlead.core.service.IpFamily;

/// The numbers and names by which our objects in the kernel are known from everybody else's.
final class KernelNames {

    /// Routing protocol of our routes and rules: `ip route show table all proto 102`, `ip rule show
    /// protocol 102`.
    ///
    /// Values from 5 on are handed out by nobody; routing daemons have taken 8 to 18, 42 and 186 to
    /// 192 (`RTPROT_*` in linux/rtnetlink.h). 102 is `f` in ASCII.
    static final String PROTOCOL = "102";

    /// Our routing table, with one route in each family.
    ///
    /// Not a small number: hand-made policy routing likes those, Calico may take 1 to 250, AWS 2 to
    /// 16 for its interfaces and 100 and up for its VLANs; Cilium has 200, 2004 and 2005, Tailscale
    /// 52, wg-quick 51820.
    static final String TABLE = "10102";

    /// The bit of the packet mark that says: this is for a socket of ours, whatever its address.
    ///
    /// Free of kube-proxy (0x4000, 0x8000), Calico (0xffff0000), Tailscale (0xff0000), the AWS VPC
    /// CNI (0x80), the portmap CNI (0x2000), Istio (1337, which is 0x539), wg-quick (51820, 0xca6c)
    /// and Cilium (0x0f00). Only Cilium with IPsec uses it, in a key number above 0x0f00; its rule
    /// for those packets has preference 1 and comes before ours.
    static final String MARK = "0x" + Integer.toHexString(PacketMark.OF_CLIENTS);

    /// Preference of the rule that leads marked packets to [#TABLE]; one before and one after it
    /// are ours too.
    ///
    /// After those of Cilium for IPsec (1), before those of AWS that lead all packets of an
    /// interface to its own table (10). The table `local` need not come first: a marked packet is
    /// for us.
    static final int PREFERENCE = 7;

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
