package io.fairlead.core.host;

import io.fairlead.core.host.HostConflicts.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Rules in the tables of the old iptables, which nft does not show.
final class LegacyRules {

    private final HostProgram save;
    private final Path proc;

    LegacyRules(HostProgram save, Path proc) {
        this.save = save;
        this.proc = proc;
    }

    List<Finding> find() {
        List<String> tables = tables();
        if (!tables.contains("nat") && !tables.contains("filter")) {
            return List.of();
        }
        if (save.find().isEmpty()) {
            return List.of(
                    new Finding(
                            "not-checked",
                            "the old iptables has the tables "
                                    + String.join(", ", tables)
                                    + ", which could not be looked at",
                            "install the package iptables for iptables-legacy-save, or make sure"
                                    + " that no rule of a kube-proxy and no INPUT policy is there"));
        }
        try {
            return in(save.require(""));
        } catch (HostException e) {
            return List.of(
                    new Finding(
                            "not-checked",
                            "the old iptables could not be looked at: " + e.line(),
                            "make sure that no rule of a kube-proxy and no INPUT policy is there"));
        }
    }

    private static List<Finding> in(String saved) {
        List<Finding> found = new ArrayList<>();
        int services = 0;
        boolean drops = false;
        for (String line : saved.lines().toList()) {
            if (line.startsWith(":")) {
                String chain = line.substring(1).split(" ", 2)[0];
                services += KubeProxyRules.isServiceChain(chain) ? 1 : 0;
                drops |= line.startsWith(":INPUT DROP");
            }
        }
        if (services > 0) {
            found.add(KubeProxyRules.inIptables("the old iptables", services));
        }
        if (drops) {
            found.add(
                    new Finding(
                            "input-drop",
                            "chain INPUT of the old iptables has the policy DROP; VIP traffic passes"
                                    + " this chain",
                            "let VIPs in: 'iptables-legacy -I INPUT -d PREFIX -j ACCEPT'"));
        }
        return found;
    }

    /// Of the network namespace of the calling thread.
    private List<String> tables() {
        try {
            return Files.readAllLines(proc.resolve("thread-self/net/ip_tables_names"));
        } catch (IOException _) {
            // The kernel has no old iptables.
            return List.of();
        }
    }
}
