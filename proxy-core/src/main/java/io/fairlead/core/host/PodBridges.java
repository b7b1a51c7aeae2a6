package io.fairlead.core.host;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Linux bridges that hold this node's pods: what one pod sends another is led through this node's
/// IP stack, where [ReturnPath] can find it.
///
/// Else a backend on the client's own bridge would answer the client directly, who knows nothing of
/// that connection. Control thread only. One rule for each bridge and family in the nft table
/// `bridge fairlead`; TCP and UDP only, since neighbour discovery must not be routed. Where the
/// rule cannot be made, [#failures] says so, and an upstream to such a pod must come from the
/// node's address.
///
/// The bridge's own MAC address is set to what it is: from then on it does not change with its
/// ports, which would leave the rule with an address of nobody.
public final class PodBridges implements AutoCloseable {

    static final String CHAIN = "pod_bridges";

    /// Before br_netfilter (0), which looks at the packet type.
    private static final String HOOK = "type filter hook prerouting priority -300";

    private final HostProgram ip;
    private final NftTable table;
    private final Map<String, String> failures = new TreeMap<>();
    private List<Cidr> podCidrs = List.of();
    private List<Cidr> unreturnable = List.of();
    private List<String> bridges = List.of();
    private List<String> rules = List.of();
    private String chain = "";

    public PodBridges(HostProgram ip, HostProgram nft) {
        this.ip = ip;
        this.table = new NftTable(nft, "bridge");
    }

    /// Serves the bridges that have an address of their own in one of these ranges.
    public void sync(List<Cidr> podCidrs) {
        this.podCidrs = List.copyOf(podCidrs);
        recheck();
    }

    /// Looks for bridges again and puts the rules right; every 30 s.
    ///
    /// @return a line when something was put right
    public List<String> recheck() {
        failures.clear();
        try {
            List<Cidr> looked = new ArrayList<>(podCidrs);
            looked.addAll(unknown());
            List<PodBridge> found = new ArrayList<>(PodBridge.read(ip, looked));
            List<PodBridge> others = new ArrayList<>(found);
            others.removeIf(bridge -> isKnown(bridge.pods().family()));
            found.removeAll(others);
            bridges = found.stream().map(PodBridge::name).distinct().toList();
            List<String> repairs = put(found);
            List<Cidr> next = new ArrayList<>(others.stream().map(PodBridge::pods).toList());
            found.stream()
                    .filter(bridge -> !rules.contains(bridge.rule()))
                    .map(PodBridge::pods)
                    .forEach(next::add);
            unreturnable = List.copyOf(next);
            return repairs;
        } catch (HostException e) {
            failures.put("all", e.line());
            unreturnable = podCidrs;
            return List.of();
        }
    }

    private boolean isKnown(IpFamily family) {
        return podCidrs.stream().anyMatch(cidr -> cidr.family() == family);
    }

    /// Everything, in the families of which no range of pods is known: any bridge may hold pods,
    /// but may as well be part of another network, whose frames are not ours to redirect.
    private List<Cidr> unknown() {
        return Stream.of(Cidr.parse("0.0.0.0/0"), Cidr.parse("::/0"))
                .filter(all -> !isKnown(all.family()))
                .toList();
    }

    private List<String> put(List<PodBridge> found) {
        List<String> next = new ArrayList<>();
        for (PodBridge bridge : found) {
            if (forwards(bridge.pods().family())) {
                next.add(bridge.rule());
            } else {
                failures.put(
                        bridge.name(),
                        KernelNames.text(bridge.pods().family())
                                + " is not forwarded; set "
                                + setting(bridge.pods().family())
                                + " to 1");
            }
        }
        try {
            return repair(found, next);
        } catch (HostException e) {
            rules = List.of(); // whatever is there, it is not relied on
            bridges.forEach(bridge ->
                    failures.put(bridge, e.line() + Remedies.of(IpFamily.IPV4, e.line())));
            return List.of();
        }
    }

    private List<String> repair(List<PodBridge> found, List<String> next) throws HostException {
        Optional<String> shown =
                next.isEmpty() && rules.isEmpty() && chain.isEmpty()
                        ? Optional.empty()
                        : table.show("chain", CHAIN);
        boolean right = next.equals(rules) && shown.orElse("").equals(chain);
        if (right && !(next.isEmpty() && shown.isPresent())) {
            return List.of();
        }
        if (next.isEmpty()) {
            table.delete("chain", List.of(CHAIN), !chain.isEmpty());
            chain = "";
        } else {
            for (PodBridge bridge : found) {
                ip.require("", "link", "set", "dev", bridge.name(), "address", bridge.mac());
            }
            table.run(table.chain(CHAIN, HOOK, next));
            chain = table.show("chain", CHAIN).orElse("");
        }
        rules = next;
        return List.of("nft chain " + CHAIN + " of the table " + table.name());
    }

    /// What is led up must be led on, or pods would no longer reach each other.
    private static boolean forwards(IpFamily family) {
        try {
            return Files.readString(Path.of("/proc/sys", setting(family).replace('.', '/')))
                    .strip()
                    .equals("1");
        } catch (IOException _) {
            return false;
        }
    }

    private static String setting(IpFamily family) {
        return switch (family) {
            case IPV4 -> "net.ipv4.ip_forward";
            case IPV6 -> "net.ipv6.conf.all.forwarding";
        };
    }

    /// Subnets of which two pods see this node's address, as what one answers the other does not
    /// pass here.
    public List<Cidr> unreturnable() {
        return unreturnable;
    }

    /// The bridges that were found, served or not.
    public List<String> bridges() {
        return bridges;
    }

    /// Bridges whose pods must see the node's address, with the cause; `all` where none could be
    /// looked for.
    public Map<String, String> failures() {
        return Collections.unmodifiableMap(new TreeMap<>(failures));
    }

    /// Removes the rules; what cannot be removed is in [#failures].
    @Override
    public void close() {
        failures.clear();
        try {
            table.delete("chain", List.of(CHAIN), !chain.isEmpty());
            rules = List.of();
            chain = "";
        } catch (HostException e) {
            failures.put("all", e.line());
        }
    }
}
