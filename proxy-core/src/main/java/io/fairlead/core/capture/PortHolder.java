package io.fairlead.core.capture;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.Frontend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A process that listens on an address and port of ours, found through /proc.
///
/// Best effort: processes of other users show only to root, and it looks at most at the processes
/// there are at the moment.
///
/// @param command its command line, shortened
public record PortHolder(long pid, String command) {

    // State of a listening socket, from TCP_LISTEN in net/tcp_states.h.
    private static final String LISTENING = "0A";

    // State of a datagram socket without a peer: TCP_CLOSE there.
    private static final String UNCONNECTED = "07";
    private static final int MAX_COMMAND = 120;

    /// The program's main class. As a word of its own: a class path or a file may name it too.
    private static final String MAIN_CLASS = "io.fairlead.k8s.cli.Main";

    /// The process that keeps us from listening there.
    public static Optional<PortHolder> find(Frontend frontend) {
        boolean tcp = frontend.protocol() == Protocol.TCP;
        String table = tcp ? "/proc/net/tcp" : "/proc/net/udp";
        String state = tcp ? LISTENING : UNCONNECTED;
        try {
            Set<String> sockets = new HashSet<>();
            addListeners(Path.of(table), frontend.at(), state, sockets);
            addListeners(Path.of(table + "6"), frontend.at(), state, sockets);
            return sockets.isEmpty() ? Optional.empty() : ownerOf(sockets);
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /// Whether it runs a Fairlead agent, which makes two of them a mistake.
    public boolean isAgent() {
        return List.of(command.split(" ", -1)).contains(MAIN_CLASS);
    }

    boolean isAlive() {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    private static void addListeners(Path table, AddressPort at, String state, Set<String> sockets)
            throws IOException {
        List<String> lines = Files.readAllLines(table, StandardCharsets.US_ASCII);
        for (String line : lines.subList(1, lines.size())) {
            // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...
            String[] fields = line.strip().split("\\s+", -1);
            int colon = fields[1].indexOf(':');
            IpAddress local = address(fields[1].substring(0, colon));
            int port = Integer.parseInt(fields[1].substring(colon + 1), 16);
            if (fields[3].equals(state)
                    && port == at.port()
                    && (local.isAny() || local.equals(at.address()))) {
                sockets.add("socket:[" + fields[9] + "]");
            }
        }
    }

    /// 32-bit groups in the byte order of the machine, as printed by the kernel.
    private static IpAddress address(String hex) {
        long[] groups = new long[hex.length() / 8];
        for (int i = 0; i < groups.length; i++) {
            int group = Integer.parseUnsignedInt(hex.substring(i * 8, i * 8 + 8), 16);
            boolean little = java.nio.ByteOrder.nativeOrder() == java.nio.ByteOrder.LITTLE_ENDIAN;
            groups[i] = Integer.toUnsignedLong(little ? Integer.reverseBytes(group) : group);
        }
        if (groups.length == 1) {
            return new IpAddress(IpFamily.IPV4, 0, groups[0]);
        }
        long high = groups[0] << 32 | groups[1];
        long low = groups[2] << 32 | groups[3];
        boolean mapped = high == 0 && low >>> 32 == 0xffff;
        return mapped
                ? new IpAddress(IpFamily.IPV4, 0, low & 0xffff_ffffL)
                : IpAddress.ofIpv6(high, low);
    }

    private static Optional<PortHolder> ownerOf(Set<String> sockets) throws IOException {
        try (DirectoryStream<Path> processes =
                Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (holds(process, sockets)) {
                    long pid = Long.parseLong(process.getFileName().toString());
                    return Optional.of(new PortHolder(pid, command(process)));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean holds(Path process, Set<String> sockets) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (sockets.contains(Files.readSymbolicLink(descriptor).toString())) {
                    return true;
                }
            }
        } catch (IOException | java.nio.file.DirectoryIteratorException _) {
            // Gone, or another user's.
        }
        return false;
    }

    private static String command(Path process) throws IOException {
        return Files.readString(process.resolve("cmdline"), StandardCharsets.UTF_8)
                .replace('\0', ' ')
                .strip();
    }

    /// `pid 4711 (nginx: master process ...)`.
    @Override
    public String toString() {
        String shown =
                command.length() > MAX_COMMAND
                        ? command.substring(0, MAX_COMMAND) + "..."
                        : command;
        return isAgent() ? "another fairlead agent, pid " + pid : "pid " + pid + " (" + shown + ")";
    }
}
