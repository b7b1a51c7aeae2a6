package io.fairlead.core.host;

import java.util.List;
import java.util.Optional;

/// A table of ours in nftables, which several parts share: each owns the chains and sets it names.
///
/// @param family `inet` or `bridge`
record NftTable(HostProgram nft, String family) {

    /// `inet fairlead`.
    String name() {
        return family + " " + KernelNames.NFT_TABLE;
    }

    /// Carries out a script whole or not at all.
    void run(String script) throws HostException {
        HostProgram.Output output = nft.run(script, List.of("-f", "-"));
        if (!output.ok()) {
            throw new HostException("nft: " + complaint(output));
        }
    }

    /// The lines that put a base chain in the place of whatever has its name, for [#run].
    ///
    /// @param hook as `type filter hook prerouting priority mangle`
    String chain(String chain, String hook, List<String> rules) {
        String name = name() + " " + chain;
        StringBuilder script = new StringBuilder(512);
        script.append("add table ").append(name()).append('\n');
        // The hook of a chain cannot be changed, so it is made anew, in the same transaction.
        script.append("add chain ").append(name).append('\n');
        script.append("flush chain ").append(name).append('\n');
        script.append("delete chain ").append(name).append('\n');
        script.append("add chain ").append(name);
        script.append(" { ").append(hook).append("; policy accept; }\n");
        for (String rule : rules) {
            script.append("add rule ").append(name).append(' ').append(rule).append('\n');
        }
        return script.toString();
    }

    /// A chain or set as nft prints it, without counters; empty when it is not there.
    ///
    /// @param kind `chain` or `set`
    Optional<String> show(String kind, String object) throws HostException {
        HostProgram.Output output =
                nft.run(
                        "",
                        List.of("-s", "-n", "list", kind, family, KernelNames.NFT_TABLE, object));
        if (output.ok()) {
            return Optional.of(output.out());
        }
        if (output.err().contains("No such file or directory")) {
            return Optional.empty();
        }
        throw new HostException("nft list " + kind + ": " + complaint(output));
    }

    /// Removes chains or sets, and the table with the last of them.
    ///
    /// @param kind `chain` or `set`
    /// @param made whether any has been made; on a node that was always without nft none has
    void delete(String kind, List<String> objects, boolean made) throws HostException {
        String missing = nft.missing().orElse("");
        if (!missing.isEmpty() && !made) {
            return;
        }
        if (!missing.isEmpty()) {
            throw new HostException(
                    "nft table "
                            + name()
                            + " is left, for "
                            + missing
                            + " is gone; install it again, then run 'fairlead cleanup'");
        }
        for (String object : objects) {
            if (show(kind, object).isPresent()) {
                run("delete " + kind + " " + name() + " " + object + "\n");
            }
        }
        HostProgram.Output table =
                nft.run("", List.of("list", "table", family, KernelNames.NFT_TABLE));
        if (table.ok() && !table.out().contains("chain ") && !table.out().contains("set ")) {
            run("delete table " + name() + "\n");
        }
    }

    /// `/dev/stdin:6:1-60: Error: Could not process rule: No such file or directory` without the
    /// place.
    private static String complaint(HostProgram.Output output) {
        String line = output.complaint();
        int at = line.indexOf("Error: ");
        return at < 0 ? line : line.substring(at + "Error: ".length());
    }
}
