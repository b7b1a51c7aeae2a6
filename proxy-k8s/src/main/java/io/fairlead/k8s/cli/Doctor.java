package io.fairlead.k8s.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fairlead.core.bpf.BpfException;
import io.fairlead.core.bpf.BpfProgram;
import io.fairlead.core.host.HostConflicts;
import io.fairlead.core.host.HostProgram;
import io.fairlead.core.kernel.Capabilities;
import io.fairlead.core.service.Cidr;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

/// Looks at what of the kernel and of this node matters to an agent. Changes nothing.
final class Doctor {

    /// How it stands with one thing.
    enum Verdict {
        /// As wanted.
        fine,
        /// Works, and would work better.
        advice,
        /// In the way of serving.
        bad,
        /// Could not be looked at.
        unknown
    }

    /// One thing.
    ///
    /// @param wanted what it should be, for people
    /// @param why what it matters for
    record Finding(String name, String value, String wanted, Verdict verdict, String why) {}

    private static final String UNKNOWN = "not known";
    private static final int MAX_SYSCTL_BYTES = 4_096;
    private static final int FEWEST_PORTS = 28_000;
    private static final long FEWEST_FILES = 65_536;
    private static final long RECEIVE_WINDOW = 6L << 20;

    /// BPF_MOV64_IMM r0, 1 and BPF_EXIT (linux/bpf.h): lets every packet pass.
    private static final long[] PASS = {0xb7L | 1L << 32, 0x95L};

    private final Path root;
    private final List<Finding> findings = new ArrayList<>();

    /// @param root where proc and sys are: `/`
    Doctor(Path root) {
        this.root = root;
    }

    /// All that is looked at, in the order of its weight.
    ///
    /// @param vips where clients' packets must get in
    List<Finding> look(List<Cidr> vips) {
        privileges();
        neighbours(vips);
        limits();
        buffers();
        rest();
        return List.copyOf(findings);
    }

    private void privileges() {
        Capabilities mine = Capabilities.ofThisProcess();
        boolean admin = mine.has(Capabilities.Name.CAP_NET_ADMIN);
        add(
                "capabilities",
                (admin ? "CAP_NET_ADMIN" : "no CAP_NET_ADMIN")
                        + (mine.mayLoadBpf() ? ", may load BPF" : ", may not load BPF"),
                "CAP_NET_ADMIN, and CAP_BPF or CAP_SYS_ADMIN",
                admin && mine.mayLoadBpf() ? Verdict.fine : Verdict.advice,
                "of this process. Without them an agent serves addresses of this machine only");
        add(
                "BPF sk_lookup",
                bpf(),
                "available",
                bpf().equals("available") ? Verdict.fine : Verdict.advice,
                "without it each VIP has a listener of its own; needs Linux 5.9 or later");
        for (HostProgram program : List.of(HostProgram.ip(), HostProgram.nft())) {
            Optional<String> missing = program.missing();
            missing.ifPresent(what ->
                    add(
                            "programs",
                            what + " is missing",
                            "ip and nft",
                            Verdict.bad,
                            "routes and rules of VIPs are made with them"));
        }
    }

    private static String bpf() {
        try (BpfProgram _ = BpfProgram.loadSkLookup("fairlead_doctor", PASS)) {
            return "available";
        } catch (BpfException e) {
            return "not available: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        }
    }

    private void neighbours(List<Cidr> vips) {
        List<HostConflicts.Finding> all =
                new HostConflicts(HostProgram.ip(), HostProgram.nft()).find(vips);
        for (HostConflicts.Finding finding : all) {
            boolean read = !finding.name().equals("not-checked");
            add(
                    "neighbours",
                    finding.what(),
                    "nothing in the way of VIPs",
                    read ? Verdict.bad : Verdict.unknown,
                    finding.remedy());
        }
        if (all.isEmpty()) {
            add(
                    "neighbours",
                    "no kube-proxy, no rules of one, INPUT lets VIPs in",
                    "nothing in the way of VIPs",
                    Verdict.fine,
                    "what another proxy or a firewall takes, clients never get here");
        }
        String bridges = bridges();
        add(
                "bridges",
                bridges.isEmpty() ? "none" : bridges,
                "any",
                Verdict.fine,
                "pods on one bridge answer each other directly; see docs/capture.md");
    }

    private String bridges() {
        try (Stream<Path> links = Files.list(root.resolve("sys/class/net"))) {
            return String.join(
                    ", ",
                    links.filter(l -> Files.isDirectory(l.resolve("bridge")))
                            .map(l -> l.getFileName().toString())
                            .sorted()
                            .toList());
        } catch (IOException _) {
            return UNKNOWN;
        }
    }

    private void limits() {
        String files = openFiles();
        add(
                "open files (nofile)",
                files,
                FEWEST_FILES + " or more",
                atLeast(files, FEWEST_FILES),
                "of this process. A connection needs two; without any left, clients wait");
        number(
                "net.core.somaxconn",
                "4096 or more",
                n -> n >= 4_096,
                "connections that wait to be accepted; more are dropped in a burst");
        String range = sysctl("net.ipv4.ip_local_port_range");
        add(
                "net.ipv4.ip_local_port_range",
                range,
                FEWEST_PORTS + " ports or more",
                ports(range),
                "connections to one backend at a time, where it sees this node's address");
        number(
                "net.ipv4.tcp_migrate_req",
                "1",
                n -> n == 1,
                "connections that wait to be accepted survive the end of their listener");
    }

    private void buffers() {
        for (String name : List.of("net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem")) {
            String value = sysctl(name);
            String most = value.substring(value.lastIndexOf(' ') + 1);
            boolean receive = name.endsWith("rmem");
            long wanted = receive ? RECEIVE_WINDOW : 4L << 20;
            add(
                    name,
                    value,
                    "up to " + wanted + " or more",
                    atLeast(most, wanted),
                    "bytes on their way in one connection; fewer slow down far clients");
        }
        number(
                "net.core.rmem_max",
                "212992 or more",
                n -> n >= 212_992,
                "datagrams that wait to be read; more are dropped in a burst");
        number(
                "net.core.wmem_max",
                "212992 or more",
                n -> n >= 212_992,
                "datagrams that wait to be sent");
    }

    private void rest() {
        add(
                "net.ipv4.tcp_congestion_control",
                sysctl("net.ipv4.tcp_congestion_control"),
                "cubic, or bbr towards far clients",
                Verdict.fine,
                "how fast bytes are sent where packets are lost");
        String count = sysctl("net.netfilter.nf_conntrack_count");
        String max = sysctl("net.netfilter.nf_conntrack_max");
        boolean tracked = !count.equals(UNKNOWN) && !max.equals(UNKNOWN);
        add(
                "nf_conntrack",
                tracked ? count + " of " + max : "not loaded",
                "not loaded, or less than four fifths full",
                tracked && number(count) > number(max) * 4 / 5 ? Verdict.advice : Verdict.fine,
                "Fairlead needs none; a full table drops connections of everybody");
        String uring = sysctl("kernel.io_uring_disabled");
        add(
                "kernel.io_uring_disabled",
                uring,
                "any",
                Verdict.fine,
                "0 lets the transport be io_uring; epoll, the default, needs nothing");
    }

    private void number(String name, String wanted, LongPredicate good, String why) {
        String value = sysctl(name);
        Verdict verdict =
                value.equals(UNKNOWN)
                        ? Verdict.unknown
                        : good.test(number(value)) ? Verdict.fine : Verdict.advice;
        add(name, value, wanted, verdict, why);
    }

    private static Verdict atLeast(String value, long least) {
        if (value.equals("unlimited")) {
            return Verdict.fine;
        }
        long number = number(value);
        if (number < 0) {
            return Verdict.unknown;
        }
        return number >= least ? Verdict.fine : Verdict.advice;
    }

    private static Verdict ports(String range) {
        String[] ends = range.split("\\s+", -1);
        if (ends.length != 2) {
            return Verdict.unknown;
        }
        return number(ends[1]) - number(ends[0]) >= FEWEST_PORTS ? Verdict.fine : Verdict.advice;
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException _) {
            return -1;
        }
    }

    private String sysctl(String name) {
        Path file = root.resolve("proc/sys").resolve(name.replace('.', '/'));
        // In one read: at any offset but 0 the kernel says that a number's file has ended.
        try (InputStream in = Files.newInputStream(file)) {
            byte[] text = in.readNBytes(MAX_SYSCTL_BYTES);
            return new String(text, US_ASCII).strip().replaceAll("\\s+", " ");
        } catch (IOException _) {
            return UNKNOWN;
        }
    }

    private String openFiles() {
        try (Stream<String> lines = Files.lines(root.resolve("proc/self/limits"))) {
            return lines.filter(l -> l.startsWith("Max open files"))
                    .map(l -> l.split("\\s+", -1)[3])
                    .findFirst()
                    .orElse(UNKNOWN);
        } catch (IOException _) {
            return UNKNOWN;
        }
    }

    private void add(String name, String value, String wanted, Verdict verdict, String why) {
        findings.add(new Finding(name, value, wanted, verdict, why));
    }
}
