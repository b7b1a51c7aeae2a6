package io.fairlead.core.host;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpFamily;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// What keeps daemons that listen on every address of this node from answering on VIPs, for a
/// capture that has no BPF program to do it.
///
/// Control thread only. In the nft table `inet fairlead`: what comes to a prefix of VIPs is refused
/// (RST, port unreachable) where a socket that is bound to no address would take it. Our listeners
/// are bound to their VIPs, and where nobody is, the kernel refuses by itself; so no frontend has
/// to be named here, and a connection that lives goes on when its listener is closed. `socket
/// wildcard` needs Linux 5.10.
public final class VipGuard implements AutoCloseable {

    static final String CHAIN = "vip_guard";

    /// Before the firewall (0): refused is refused, whatever it would log or drop.
    private static final String HOOK = "type filter hook input priority -5";

    private final NftTable table;
    private Set<Cidr> wanted = new TreeSet<>();
    private Set<Cidr> present = new TreeSet<>();

    /// The chain and sets as nft prints them; empty when they have to be made anew.
    private String shown = "";

    private boolean made;
    private String failure = "";

    public VipGuard(HostProgram nft) {
        table = new NftTable(nft, "inet");
    }

    /// Guards exactly these prefixes.
    public void sync(Set<Cidr> vips) {
        wanted = outermost(vips);
        if (shown.isEmpty()) {
            define();
        } else if (!wanted.equals(present)) {
            update();
        }
    }

    /// Puts right what is no longer as it was left; every 30 s.
    ///
    /// @return a line when something was put right
    public List<String> recheck() {
        try {
            if (!shown.isEmpty() && shown.equals(show())) {
                return List.of();
            }
        } catch (HostException e) {
            failure = e.line();
            return List.of();
        }
        define();
        return List.of("nft chain " + CHAIN + " of the table " + table.name());
    }

    /// Why VIPs are not guarded; empty when they are.
    public Optional<String> failure() {
        return failure.isEmpty() ? Optional.empty() : Optional.of(failure);
    }

    private void define() {
        StringBuilder script = new StringBuilder("add table " + table.name() + "\n");
        List<String> rules = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            String set = table.name() + " " + set(family);
            script.append("add set ").append(set).append(" { type ").append(type(family));
            script.append("; flags interval; }\nflush set ").append(set).append('\n');
            script.append(elements("add", family, wanted));
            String toVip = ip(family) + " daddr @" + set(family) + " ";
            // Handshakes alone, by what a wildcard socket would take: request and time-wait sockets
            // have no answer to this question, and their packets must pass.
            rules.add(
                    toVip
                            + "tcp flags & (syn | ack) == syn socket wildcard 1 reject with tcp reset");
            rules.add(toVip + "meta l4proto { udp, udplite } socket wildcard 1 reject");
        }
        run(script + table.chain(CHAIN, HOOK, rules));
    }

    private void update() {
        Set<Cidr> gone = new TreeSet<>(present);
        gone.removeAll(wanted);
        Set<Cidr> added = new TreeSet<>(wanted);
        added.removeAll(present);
        StringBuilder script = new StringBuilder();
        for (IpFamily family : IpFamily.values()) {
            script.append(elements("delete", family, gone));
            script.append(elements("add", family, added));
        }
        run(script.toString());
        if (!failure.isEmpty()) {
            // Somebody has changed the sets: what we know of them is not what is there.
            define();
        }
    }

    private void run(String script) {
        try {
            table.run(script);
            made = true;
            present = wanted;
            failure = "";
            shown = show();
        } catch (HostException e) {
            shown = "";
            failure = e.line() + Remedies.of(IpFamily.IPV4, e.line());
        }
    }

    private String show() throws HostException {
        StringBuilder all = new StringBuilder(table.show("chain", CHAIN).orElse(""));
        for (IpFamily family : IpFamily.values()) {
            all.append(table.show("set", set(family)).orElse(""));
        }
        return all.toString();
    }

    private String elements(String verb, IpFamily family, Collection<Cidr> prefixes) {
        String list =
                prefixes.stream()
                        .filter(prefix -> prefix.family() == family)
                        .map(Cidr::toString)
                        .collect(Collectors.joining(", "));
        return list.isEmpty()
                ? ""
                : verb + " element " + table.name() + " " + set(family) + " { " + list + " }\n";
    }

    /// Without those that lie in another: a set of intervals takes no overlap.
    private static Set<Cidr> outermost(Collection<Cidr> prefixes) {
        TreeSet<Cidr> kept = new TreeSet<>();
        for (Cidr prefix : new TreeSet<>(prefixes)) {
            // In this order a prefix comes right after those it lies in.
            if (kept.isEmpty() || !kept.last().contains(prefix.address())) {
                kept.add(prefix);
            }
        }
        return kept;
    }

    private static String set(IpFamily family) {
        return switch (family) {
            case IPV4 -> "vips4";
            case IPV6 -> "vips6";
        };
    }

    private static String type(IpFamily family) {
        return switch (family) {
            case IPV4 -> "ipv4_addr";
            case IPV6 -> "ipv6_addr";
        };
    }

    private static String ip(IpFamily family) {
        return switch (family) {
            case IPV4 -> "ip";
            case IPV6 -> "ip6";
        };
    }

    /// Removes it; what cannot be removed is in [#failure].
    @Override
    public void close() {
        try {
            table.delete("chain", List.of(CHAIN), made);
            table.delete("set", List.of(set(IpFamily.IPV4), set(IpFamily.IPV6)), made);
            made = false;
            shown = "";
            failure = "";
        } catch (HostException e) {
            failure = e.line();
        }
    }
}
