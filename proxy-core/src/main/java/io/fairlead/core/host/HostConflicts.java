package io.fairlead.core.host;

import io.fairlead.core.service.Cidr;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// What else on this node is in the way of VIP traffic: another service proxy, what one has left, a
/// firewall.
///
/// Only looks; nothing is changed. VIP traffic goes through INPUT here, where kube-proxy has it go
/// through FORWARD, so a firewall that was never noticed may drop it.
public final class HostConflicts {

    /// One thing in the way.
    ///
    /// @param name of its kind; does not change
    /// @param what it is and where
    /// @param remedy what a user can do
    public record Finding(String name, String what, String remedy) {

        @Override
        public String toString() {
            return what + "; " + remedy;
        }
    }

    private final HostProgram ip;
    private final HostProgram nft;
    private final HostProgram legacySave;
    private final Path proc;

    public HostConflicts(HostProgram ip, HostProgram nft) {
        this(ip, nft, HostProgram.of("iptables-legacy-save", "iptables"), Path.of("/proc"));
    }

    HostConflicts(HostProgram ip, HostProgram nft, HostProgram legacySave, Path proc) {
        this.ip = ip;
        this.nft = nft;
        this.legacySave = legacySave;
        this.proc = proc;
    }

    /// All that is found; what could not be looked at is a finding too.
    ///
    /// @param vips the prefixes that must get in
    public List<Finding> find(Collection<Cidr> vips) {
        List<Finding> all = new ArrayList<>(new KubeProxyProcesses(proc).find());
        try {
            String links = ip.require("", "-o", "link", "show");
            if (links.contains(": kube-ipvs0:")) {
                all.add(
                        new Finding(
                                "kube-proxy-rules",
                                "the interface kube-ipvs0 holds VIPs of a kube-proxy in ipvs mode,"
                                        + " which serves them before we see a packet",
                                "end it, run 'kube-proxy --cleanup' or 'ip link delete kube-ipvs0'"
                                        + " and 'ipvsadm --clear'"));
            }
        } catch (HostException e) {
            all.add(unread(e));
        }
        try {
            NftChains chains = NftChains.read(nft);
            all.addAll(KubeProxyRules.in(chains));
            all.addAll(new InputFirewall(nft, vips).in(chains));
        } catch (HostException e) {
            all.add(unread(e));
        }
        all.addAll(new LegacyRules(legacySave, proc).find());
        return all;
    }

    private static Finding unread(HostException e) {
        return new Finding(
                "not-checked",
                "this node's rules could not be looked at: " + e.line(),
                "left-over rules of a kube-proxy and firewalls that drop VIP traffic would not be"
                        + " noticed");
    }
}
