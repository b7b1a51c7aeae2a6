package io.fairlead.core.host;

import java.util.ArrayList;
import java.util.List;

/// The chains of nftables at one moment, those of iptables-nft among them.
record NftChains(List<Chain> all) {

    /// One chain.
    ///
    /// @param hook its line `type ... hook ... policy ...;`, empty when it is none of the kernel's
    record Chain(String family, String table, String name, String hook) {

        boolean isInput() {
            return hook.contains("type filter hook input ") && !family.equals("bridge");
        }

        boolean dropsByPolicy() {
            return hook.contains("policy drop");
        }

        /// `ip filter INPUT`.
        String path() {
            return family + " " + table + " " + name;
        }
    }

    static NftChains read(HostProgram nft) throws HostException {
        return parse(nft.require("", "-n", "list", "chains"));
    }

    /// Reads the output of `nft list chains`.
    static NftChains parse(String text) {
        List<Chain> all = new ArrayList<>();
        String family = "";
        String table = "";
        for (String line : text.lines().map(String::strip).toList()) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("table") && words.length >= 3) {
                family = words[1];
                table = words[2];
            } else if (words[0].equals("chain") && words.length >= 2) {
                all.add(new Chain(family, table, words[1], ""));
            } else if (words[0].equals("type") && !all.isEmpty()) {
                Chain chain = all.removeLast();
                all.add(new Chain(chain.family, chain.table, chain.name, line));
            }
        }
        return new NftChains(List.copyOf(all));
    }
}
