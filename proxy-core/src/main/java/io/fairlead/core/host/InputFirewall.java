package io.fairlead.core.host;

import io.fairlead.core.host.HostConflicts.Finding;
import io.fairlead.core.host.NftChains.Chain;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Chains of the hook `input` that end by dropping what no rule of theirs has let in.
///
/// Which packets their rules let in is not worked out, but for one form: a rule that accepts all
/// packets to a prefix of VIPs, in the chain itself or in one that it jumps to with every packet.
final class InputFirewall {

    private static final Pattern LAST =
            Pattern.compile(
                    "(counter( packets \\d+ bytes \\d+)? )?(drop|reject( .*)?)( comment .*)?");
    private static final Pattern ACCEPT =
            Pattern.compile(
                    "ip6? daddr (\\{ (?<many>[^}]*) \\}|(?<one>\\S+))"
                            + " (counter( packets \\d+ bytes \\d+)? )?accept( comment .*)?");

    private static final Pattern JUMP =
            Pattern.compile(
                    "(counter( packets \\d+ bytes \\d+)? )?(jump|goto) (?<chain>\\S+)( comment .*)?");

    private final HostProgram nft;
    private final List<Cidr> vips;

    InputFirewall(HostProgram nft, Collection<Cidr> vips) {
        this.nft = nft;
        this.vips = vips.stream().sorted().toList();
    }

    List<Finding> in(NftChains chains) throws HostException {
        List<Finding> found = new ArrayList<>();
        for (Chain chain : chains.all()) {
            if (chain.isInput() && !chain.table().equals(KernelNames.NFT_TABLE)) {
                List<String> rules = new ArrayList<>();
                gather(chain, chain.name(), new HashSet<>(), rules);
                boolean drops =
                        chain.dropsByPolicy()
                                || (!rules.isEmpty() && LAST.matcher(rules.getLast()).matches());
                List<Cidr> out = drops ? notLetIn(chain, rules) : List.of();
                if (!out.isEmpty()) {
                    found.add(finding(chain, out));
                }
            }
        }
        return found;
    }

    /// The rules that every packet comes to, in order; a chain comes in place of the jump to it.
    private void gather(Chain base, String name, Set<String> seen, List<String> all)
            throws HostException {
        if (!seen.add(name)) {
            return;
        }
        for (String rule : rules(base, name)) {
            Matcher jump = JUMP.matcher(rule);
            if (jump.matches()) {
                gather(base, jump.group("chain"), seen, all);
            } else {
                all.add(rule);
            }
        }
    }

    private List<String> rules(Chain chain, String name) throws HostException {
        return nft.require("", "-s", "-n", "list", "chain", chain.family(), chain.table(), name)
                .lines()
                .map(String::strip)
                .filter(line -> !line.startsWith("table ") && !line.startsWith("chain "))
                .filter(line -> !line.startsWith("type ") && !line.equals("}") && !line.isEmpty())
                .toList();
    }

    private List<Cidr> notLetIn(Chain chain, List<String> rules) {
        List<Cidr> accepted = new ArrayList<>();
        for (String rule : rules) {
            Matcher accept = ACCEPT.matcher(rule);
            if (accept.matches()) {
                String many = accept.group("many");
                for (String prefix : (many == null ? accept.group("one") : many).split(", ", -1)) {
                    add(accepted, prefix);
                }
            }
        }
        return vips.stream()
                .filter(vip -> concerns(chain, vip.family()))
                .filter(vip ->
                        accepted.stream()
                                .noneMatch(a ->
                                        a.prefix() <= vip.prefix() && a.contains(vip.address())))
                .toList();
    }

    private static void add(List<Cidr> accepted, String prefix) {
        try {
            if (prefix.indexOf('/') >= 0) {
                accepted.add(Cidr.parse(prefix));
            } else {
                IpAddress address = IpAddress.parse(prefix);
                accepted.add(new Cidr(address, address.family().bits()));
            }
        } catch (IllegalArgumentException _) {
            // A set or a range by name, whose meaning is not worked out.
        }
    }

    private static boolean concerns(Chain chain, IpFamily family) {
        return switch (chain.family()) {
            case "ip" -> family == IpFamily.IPV4;
            case "ip6" -> family == IpFamily.IPV6;
            default -> true;
        };
    }

    private static Finding finding(Chain chain, List<Cidr> out) {
        Cidr first = out.getFirst();
        String more = out.size() == 1 ? "" : " and " + (out.size() - 1) + " more prefixes of VIPs";
        String daddr = first.family() == IpFamily.IPV4 ? "ip daddr " : "ip6 daddr ";
        return new Finding(
                "input-drop",
                "chain "
                        + chain.path()
                        + " drops what its rules do not let in, and none lets in all packets to "
                        + first
                        + more
                        + "; VIP traffic passes this chain",
                remedy(chain, daddr + first));
    }

    private static String remedy(Chain chain, String daddr) {
        if (chain.name().equals("INPUT")) {
            String program = chain.family().equals("ip6") ? "ip6tables" : "iptables";
            return "let VIPs in: '"
                    + program
                    + " -I INPUT -d "
                    + daddr.substring(daddr.lastIndexOf(' ') + 1)
                    + " -j ACCEPT', or by the firewall that made the chain (ufw, firewalld)";
        }
        return "let VIPs in: 'nft insert rule "
                + chain.path()
                + " "
                + daddr
                + " accept', or by the firewall that made the chain (firewalld)";
    }
}
