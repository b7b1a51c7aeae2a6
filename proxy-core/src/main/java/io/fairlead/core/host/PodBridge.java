package io.fairlead.core.host;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.SpecialAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A Linux bridge with an address in a range of pods, in one family.
///
/// @param pods the addresses of its pods: the bridge's own subnet, as far as it lies in the range
record PodBridge(String name, String mac, Cidr pods) {

    // 5: cni0: <BROADCAST,...> mtu 1450 ... \    link/ether 02:42:ac:11:00:02 brd ff:ff:ff:ff:ff:ff
    private static final Pattern LINK =
            Pattern.compile("\\d+: ([^:@ ]+)[:@].* link/ether ([0-9a-f:]{17}) .*");

    // 5: cni0    inet 10.244.1.1/24 brd 10.244.1.255 scope global cni0
    private static final Pattern ADDRESS =
            Pattern.compile("\\d+: (\\S+)\\s+inet6? ([0-9a-f.:]+)/(\\d+) .*");

    /// Those of the calling thread's network namespace.
    static List<PodBridge> read(HostProgram ip, List<Cidr> podCidrs) throws HostException {
        return parse(
                ip.require("", "-o", "link", "show", "type", "bridge"),
                ip.require("", "-o", "addr", "show"),
                podCidrs);
    }

    /// Reads what these two print.
    static List<PodBridge> parse(String links, String addresses, List<Cidr> podCidrs) {
        Map<String, String> macs = new HashMap<>();
        for (String line : links.lines().toList()) {
            Matcher link = LINK.matcher(line);
            if (link.matches()) {
                macs.put(link.group(1), link.group(2));
            }
        }
        List<PodBridge> found = new ArrayList<>();
        for (String line : addresses.lines().toList()) {
            Matcher address = ADDRESS.matcher(line);
            if (address.matches() && macs.containsKey(address.group(1))) {
                try {
                    add(address, String.valueOf(macs.get(address.group(1))), podCidrs, found);
                } catch (IllegalArgumentException _) {
                    // Not an address.
                }
            }
        }
        return found;
    }

    private static void add(
            Matcher address, String mac, List<Cidr> podCidrs, List<PodBridge> found) {
        IpAddress own = IpAddress.parse(address.group(2));
        int prefix = Integer.parseInt(address.group(3));
        if (SpecialAddress.of(own) != null) {
            return;
        }
        podCidrs.stream()
                .filter(cidr -> cidr.contains(own))
                .map(cidr -> new PodBridge(address.group(1), mac, narrower(cidr, own, prefix)))
                .filter(bridge -> !found.contains(bridge))
                .forEach(found::add);
    }

    /// An address without a subnet says nothing of which pods there are.
    private static Cidr narrower(Cidr podCidr, IpAddress own, int prefix) {
        return prefix < own.family().bits() && prefix > podCidr.prefix()
                ? new Cidr(own, prefix)
                : podCidr;
    }

    /// Frames from pod to pod become packets to this node, which routes them.
    ///
    /// The subnet tells the bridge: `meta ibrname` would need CONFIG_NFT_BRIDGE_META, which not
    /// every kernel has.
    String rule() {
        String ip =
                switch (pods.family()) {
                    case IPV4 -> "ip";
                    case IPV6 -> "ip6";
                };
        return "meta l4proto { tcp, udp } "
                + (ip + " saddr " + pods + " ")
                + (ip + " daddr " + pods)
                + " ether daddr set "
                + mac
                + " meta pkttype set host";
    }
}
