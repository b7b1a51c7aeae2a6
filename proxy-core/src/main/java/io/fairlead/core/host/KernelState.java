package io.fairlead.core.host;

import io.fairlead.core.service.IpFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Everything that Fairlead has put into the kernel of this network namespace, whichever agent made
/// it and however it ended.
///
/// Known by our routing protocol number, the name of our nft tables, and the folder of our BPF
/// pins.
public final class KernelState {

    /// Where our BPF programs, maps and links are pinned, if they are.
    public static final Path PINS = Path.of("/sys/fs/bpf/fairlead");

    private static final List<String> TABLES =
            List.of("inet " + KernelNames.NFT_TABLE, "bridge " + KernelNames.NFT_TABLE);

    private final HostProgram ip;
    private final HostProgram nft;
    private final Path pins;

    /// @param pins folder that is ours alone and goes with all that is in it, [#PINS]; need not
    ///   exist
    public KernelState(HostProgram ip, HostProgram nft, Path pins) {
        this.ip = ip;
        this.nft = nft;
        this.pins = pins;
    }

    /// One line for each object; one that begins with `?` for what could not be looked at.
    public List<String> list() {
        List<String> all = new ArrayList<>();
        for (IpFamily family : IpFamily.values()) {
            String name = KernelNames.text(family);
            add(all, name + " route ", () -> routes(family));
            add(all, name + " rule ", () -> ReturnRules.ours(ip, family));
        }
        add(all, "nft table ", this::tables);
        add(all, "BPF pin ", this::pins);
        return all;
    }

    /// Removes it all. Nothing there is as good as removed.
    ///
    /// @return a line for each thing that could not be removed, with the cause
    public List<String> cleanup() {
        List<String> failures = new ArrayList<>();
        // Routes first: while packets to VIPs still end here, the guard and the program that keep
        // the node's own daemons from answering them must be there.
        for (IpFamily family : IpFamily.values()) {
            attempt(failures, () -> flushRoutes(family));
            ReturnRules.remove(ip, family)
                    .ifPresent(cause -> failures.add(cause + Remedies.of(family, cause)));
        }
        attempt(failures, this::deleteTables);
        attempt(failures, this::deletePins);
        return failures;
    }

    private void flushRoutes(IpFamily family) throws HostException {
        List<String> before = routes(family);
        if (before.isEmpty()) {
            return;
        }
        String option = KernelNames.option(family);
        HostProgram.Output output =
                ip.run(
                        "",
                        List.of(
                                option,
                                "route",
                                "flush",
                                "table",
                                "all",
                                "proto",
                                KernelNames.PROTOCOL));
        List<String> left = routes(family);
        if (!left.isEmpty()) {
            throw new HostException(
                    left.size()
                            + " "
                            + KernelNames.text(family)
                            + " routes of protocol "
                            + KernelNames.PROTOCOL
                            + " are left: "
                            + output.complaint()
                            + Remedies.of(family, output.complaint()));
        }
    }

    private List<String> routes(IpFamily family) throws HostException {
        HostProgram.Output output =
                ip.run(
                        "",
                        List.of(
                                KernelNames.option(family),
                                "-o",
                                "route",
                                "show",
                                "table",
                                "all",
                                "proto",
                                KernelNames.PROTOCOL));
        if (!output.ok() && !Remedies.isMissing(output.complaint())) {
            throw new HostException("ip route show table all: " + output.complaint());
        }
        return output.out().lines().map(String::strip).toList();
    }

    private List<String> tables() throws HostException {
        List<String> all =
                nft.require("", "list", "tables")
                        .lines()
                        .map(line -> line.strip().replaceFirst("^table ", ""))
                        .toList();
        return TABLES.stream().filter(all::contains).toList();
    }

    private void deleteTables() throws HostException {
        for (String table : tables()) {
            String[] words = table.split(" ", -1);
            nft.require("", "delete", "table", words[0], words[1]);
        }
    }

    private List<String> pins() throws HostException {
        if (!Files.exists(pins)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(pins)) {
            // What lies in a folder comes before it.
            return all.sorted(Comparator.reverseOrder()).map(Path::toString).toList();
        } catch (IOException e) {
            throw new HostException("BPF pins " + e.getMessage(), e);
        }
    }

    private void deletePins() throws HostException {
        for (String pin : pins()) {
            try {
                Files.delete(Path.of(pin));
            } catch (IOException e) {
                throw new HostException("BPF pin " + e.getMessage(), e);
            }
        }
    }

    private static void add(List<String> all, String prefix, Lister lister) {
        try {
            lister.list().forEach(line -> all.add(prefix + line));
        } catch (HostException e) {
            all.add("? " + e.line());
        }
    }

    private static void attempt(List<String> failures, Step step) {
        try {
            step.run();
        } catch (HostException e) {
            failures.add(e.line());
        }
    }

    private interface Lister {
        List<String> list() throws HostException;
    }

    private interface Step {
        void run() throws HostException;
    }
}
