package io.fairlead.k8s;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// At which of the node's addresses NodePorts are served (SEMANTICS A7).
///
/// @param words what was said: the word `primary`, `localhost` or `all`, or a range
public record NodePortAddresses(List<String> words) {

    /// The addresses of the Node object.
    private static final String PRIMARY = "primary";

    /// 127.0.0.1 and ::1, whose own daemons then lose their clients at those ports.
    private static final String LOCALHOST = "localhost";

    private static final String ALL = "all";

    /// The Node object's addresses.
    public static final NodePortAddresses DEFAULT = new NodePortAddresses(List.of(PRIMARY));

    private static final Set<IpAddress> LOOPBACK =
            Set.of(IpAddress.parse("127.0.0.1"), IpAddress.parse("::1"));

    public NodePortAddresses {
        words = words.stream().map(w -> w.strip().toLowerCase(Locale.ROOT)).distinct().toList();
        if (words.isEmpty()) {
            words = List.of(PRIMARY);
        }
        boolean ranges = false;
        for (String word : words) {
            if (!isWord(word)) {
                Cidr.parse(word);
                ranges = true;
            }
        }
        if (ranges && words.stream().anyMatch(NodePortAddresses::isWord)) {
            throw new IllegalArgumentException("words and CIDRs do not go together");
        }
    }

    private static boolean isWord(String word) {
        return word.equals(PRIMARY) || word.equals(LOCALHOST) || word.equals(ALL);
    }

    /// Picks among the addresses of a node.
    ///
    /// @param machine those of its interfaces
    /// @param primary those of its Node object, loopback ones apart
    public Set<IpAddress> choose(Set<IpAddress> machine, Set<IpAddress> primary) {
        Set<IpAddress> chosen = new HashSet<>();
        for (IpFamily family : IpFamily.values()) {
            List<Cidr> ranges =
                    words.stream()
                            .filter(w -> !isWord(w))
                            .map(Cidr::parse)
                            .filter(c -> c.family() == family)
                            .toList();
            for (IpAddress address : machine) {
                // No range of a family matches all of it (SEMANTICS A7.3).
                if (address.family() == family
                        && (words.contains(ALL) || !isWord(words.getFirst()))
                        && (ranges.isEmpty()
                                ? !address.isLoopback()
                                : ranges.stream().anyMatch(r -> r.contains(address)))) {
                    chosen.add(address);
                }
            }
        }
        if (words.contains(PRIMARY)) {
            chosen.addAll(primary);
        }
        if (words.contains(LOCALHOST) || words.contains(ALL)) {
            chosen.addAll(LOOPBACK);
        }
        chosen.removeIf(NodePortAddresses::isLinkLocal);
        return chosen;
    }

    /// An address that means another machine on each link.
    private static boolean isLinkLocal(IpAddress address) {
        return address.family() == IpFamily.IPV6 && address.high() >>> 54 == 0xfe80 >>> 6;
    }
}
