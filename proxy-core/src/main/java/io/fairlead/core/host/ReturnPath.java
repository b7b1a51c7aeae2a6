package io.fairlead.core.host;

import io.fairlead.core.service.IpFamily;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What brings the answers to sockets that are bound to a client's address (IP_TRANSPARENT) back to
/// this node's own stack instead of on to the client.
///
/// A socket that is only waiting for its end (TIME_WAIT) has no mark any more, so the client may
/// use the same port for a connection of its own to the same backend.
///
/// Control thread only. The same few objects whatever the number of Services: one chain in the nft
/// table `inet fairlead` marks packets for which a transparent socket is here, and ICMP errors
/// about what such a socket sent, a rule leads marked packets to a table of ours, and that has one
/// route, to this node. Nothing is accepted early: other chains see the packets as before. nft
/// knows `socket wildcard` from 0.9.7 and Linux 5.10 on; it keeps transparent proxies that listen
/// on every address, such as a mesh's, out of this.
public final class ReturnPath implements AutoCloseable {

    static final String CHAIN = "return_path";

    private static final String HOOK = "type filter hook prerouting priority mangle";
    private static final String RULE =
            "meta l4proto { tcp, udp, icmp, ipv6-icmp } socket transparent 1 socket wildcard 0"
                    + " socket mark "
                    + KernelNames.MARK
                    + " meta mark set meta mark | "
                    + KernelNames.MARK;

    /// Matches nothing: no datagram is shorter than its header. But where a chain has the word
    /// `tproxy`, the kernel puts the pieces of large datagrams together before they come here, as
    /// it does where connections are tracked; else only the first piece would find its socket.
    private static final String DEFRAGMENT = "udp length 1 tproxy to :1";

    private final HostProgram ip;
    private final NftTable table;
    private final Map<IpFamily, String> failures = new EnumMap<>(IpFamily.class);

    /// The chain as nft prints it; empty before it has been made.
    private String chain = "";

    public ReturnPath(HostProgram ip, HostProgram nft) {
        this.ip = ip;
        this.table = new NftTable(nft, "inet");
    }

    /// Makes what is missing and leaves what is right; an earlier agent's is adopted.
    public void install() {
        repair();
    }

    /// Puts right what is no longer as [#install] made it; every 30 s.
    ///
    /// @return a line for each thing that was not
    public List<String> recheck() {
        return repair();
    }

    /// Why sockets of a family must not be bound to clients' addresses; none when both work.
    public Map<IpFamily, String> failures() {
        return Collections.unmodifiableMap(new EnumMap<>(failures));
    }

    private List<String> repair() {
        List<String> repairs = new ArrayList<>();
        failures.clear();
        for (IpFamily family : IpFamily.values()) {
            try {
                repairs.addAll(ReturnRules.repair(ip, family));
            } catch (HostException e) {
                failures.put(family, e.line() + Remedies.of(family, e.line()));
            }
        }
        // Last: a packet must not be marked before the mark has a meaning.
        try {
            if (repairChain()) {
                repairs.add("nft chain " + CHAIN + " of the table " + table.name());
            }
        } catch (HostException e) {
            for (IpFamily family : IpFamily.values()) {
                failures.putIfAbsent(family, e.line() + remedy(e.line()));
            }
        }
        return repairs;
    }

    private boolean repairChain() throws HostException {
        Optional<String> found = table.show("chain", CHAIN);
        if (!chain.isEmpty() && found.isPresent() && found.get().equals(chain)) {
            return false;
        }
        try {
            table.run(table.chain(CHAIN, HOOK, List.of(RULE, DEFRAGMENT)));
        } catch (HostException _) {
            // A kernel without nft_tproxy; most nodes track connections anyway.
            table.run(table.chain(CHAIN, HOOK, List.of(RULE)));
        }
        chain = table.show("chain", CHAIN).orElse("");
        return found.isEmpty() || !found.get().equals(chain);
    }

    private static String remedy(String cause) {
        return cause.contains("No such file")
                ? "; Linux 5.10 or later with CONFIG_NFT_SOCKET is needed"
                : Remedies.of(IpFamily.IPV4, cause);
    }

    /// Removes all of it; what cannot be removed is in [#failures].
    @Override
    public void close() {
        failures.clear();
        try {
            table.delete("chain", List.of(CHAIN), !chain.isEmpty());
        } catch (HostException e) {
            failures.put(IpFamily.IPV4, e.line());
        }
        chain = "";
        for (IpFamily family : IpFamily.values()) {
            ReturnRules.remove(ip, family).ifPresent(cause -> failures.put(family, cause));
        }
    }
}
