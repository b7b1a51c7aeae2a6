package io.fairlead.core.testing;

import io.fairlead.core.service.AddressPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// What the kernel says about this process and its sockets.
public final class Kernel {

    /// The queues of one established IPv4 socket of this network namespace.
    ///
    /// @param local hexadecimal `ADDRESS:PORT` as the kernel prints it
    /// @param sendQueue bytes that the peer has not acknowledged
    /// @param receiveQueue bytes that nobody has read
    public record Queues(String local, String remote, long sendQueue, long receiveQueue) {}

    private Kernel() {}

    /// Descriptors that this process has open.
    public static int openDescriptors() {
        int count = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path _ : all) {
                count++;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return count;
    }

    private static List<Queues> sockets(AddressPort end) {
        String hex = hex(end);
        List<Queues> found = new ArrayList<>();
        try {
            List<String> lines =
                    Files.readAllLines(Path.of("/proc/net/tcp"), StandardCharsets.US_ASCII);
            for (String line : lines.subList(1, lines.size())) {
                String[] fields = line.strip().split("\\s+", -1);
                if (!fields[3].equals("0A") && (fields[1].equals(hex) || fields[2].equals(hex))) {
                    int colon = fields[4].indexOf(':');
                    found.add(
                            new Queues(
                                    fields[1],
                                    fields[2],
                                    Long.parseLong(fields[4].substring(0, colon), 16),
                                    Long.parseLong(fields[4].substring(colon + 1), 16)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /// The sockets that have `end` as their own address.
    public static List<Queues> socketsAt(AddressPort end) {
        String hex = hex(end);
        return sockets(end).stream().filter(q -> q.local().equals(hex)).toList();
    }

    /// The sockets that are connected to `end`.
    public static List<Queues> socketsTo(AddressPort end) {
        String hex = hex(end);
        return sockets(end).stream().filter(q -> q.remote().equals(hex)).toList();
    }

    /// What a relay's sockets hold, in and out: those accepted at a VIP and those to a backend.
    public static long queued(AddressPort vip, AddressPort backend) {
        return Stream.concat(socketsAt(vip).stream(), socketsTo(backend).stream())
                .mapToLong(q -> q.sendQueue() + q.receiveQueue())
                .sum();
    }

    private static String hex(AddressPort at) {
        int bits = Integer.reverseBytes((int) at.address().low());
        return String.format(Locale.ROOT, "%08X:%04X", bits, at.port());
    }
}
