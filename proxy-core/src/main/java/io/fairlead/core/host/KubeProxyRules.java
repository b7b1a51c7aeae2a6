package io.fairlead.core.host;

import io.fairlead.core.host.HostConflicts.Finding;
import io.fairlead.core.host.NftChains.Chain;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Rules of a kube-proxy in nftables, in either of the forms it makes: they change the destination
/// of a packet before we see it.
final class KubeProxyRules {

    static final String NAME = "kube-proxy-rules";

    private KubeProxyRules() {}

    static List<Finding> in(NftChains chains) {
        List<Finding> found = new ArrayList<>();
        TreeSet<String> own = new TreeSet<>();
        Map<String, Integer> inIptables = new LinkedHashMap<>();
        for (Chain chain : chains.all()) {
            if (chain.table().equals("kube-proxy")) {
                own.add(chain.family() + " kube-proxy");
            } else if (isServiceChain(chain.name())) {
                inIptables.merge(chain.family() + " " + chain.table(), 1, Integer::sum);
            }
        }
        for (String table : own) {
            found.add(
                    new Finding(
                            NAME,
                            "nft table "
                                    + table
                                    + " holds the rules of a kube-proxy, which"
                                    + " takes VIP traffic before we see it",
                            "end that kube-proxy, then run 'kube-proxy --cleanup' or 'nft delete"
                                    + " table "
                                    + table
                                    + "'"));
        }
        inIptables.forEach((table, count) ->
                found.add(inIptables("table " + table + " of iptables-nft", count)));
        return found;
    }

    static Finding inIptables(String where, int count) {
        return new Finding(
                NAME,
                where
                        + " has "
                        + count
                        + " Service chains of a kube-proxy (KUBE-SERVICES, KUBE-SVC-*), which takes"
                        + " VIP traffic before we see it",
                "end that kube-proxy, then run 'kube-proxy --cleanup'");
    }

    /// Others that begin so are the kubelet's, and harmless: KUBE-FIREWALL, KUBE-KUBELET-CANARY.
    static boolean isServiceChain(String chain) {
        return chain.equals("KUBE-SERVICES")
                || chain.equals("KUBE-NODEPORTS")
                || chain.startsWith("KUBE-SVC-")
                || chain.startsWith("KUBE-SEP-")
                || chain.startsWith("KUBE-EXT-");
    }
}
