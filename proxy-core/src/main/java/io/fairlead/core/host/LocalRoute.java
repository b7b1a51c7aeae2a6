package io.fairlead.core.host;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A route of the table `local` with our protocol number: packets to `prefix` end on this node.
///
/// @param source the address from which this node's own connections into the prefix come; null
///   leaves it to the kernel, which takes the VIP itself
/// @param type of the route; `local` when we made it
/// @param device `lo` when we made it
/// @param metric [KernelNames#METRIC] when we made it
record LocalRoute(
        Cidr prefix, @Nullable IpAddress source, String type, String device, String metric) {

    /// The route that we make.
    static LocalRoute to(Cidr prefix, @Nullable IpAddress source) {
        return new LocalRoute(prefix, source, "local", "lo", KernelNames.METRIC);
    }

    /// Whether we may have made it; a source can be put right in place, anything else cannot.
    boolean regular() {
        return equals(to(prefix, source));
    }

    /// The line of `ip -batch` that makes it, in place of one with another source.
    String replaceLine() {
        return "route replace " + key() + (source == null ? "" : " src " + source) + "\n";
    }

    /// The line of `ip -batch` that removes it and no other.
    String deleteLine() {
        return "route del " + key() + "\n";
    }

    private String key() {
        return type
                + " "
                + prefix
                + (device.isEmpty() ? "" : " dev " + device)
                + " table local proto "
                + KernelNames.PROTOCOL
                + (metric.isEmpty() ? "" : " metric " + metric);
    }

    /// Reads a line of `ip -o route show table local proto 102`, as `local 10.96.0.0/12 dev lo
    /// scope host src 192.168.0.1 metric 102`.
    static Optional<LocalRoute> parse(String line, IpFamily family) {
        List<String> words = List.of(line.strip().split("\\s+", -1));
        // A type is a word of letters alone; unicast, the usual one, is not printed.
        boolean typed =
                words.size() > 1
                        && words.getFirst().matches("[a-z]+")
                        && !words.getFirst().equals("default");
        try {
            String source = after(words, "src");
            return Optional.of(
                    new LocalRoute(
                            prefix(words.get(typed ? 1 : 0), family),
                            source.isEmpty() ? null : IpAddress.parse(source),
                            typed ? words.getFirst() : "unicast",
                            after(words, "dev"),
                            after(words, "metric")));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /// As `ip` prints it: a single address is without its length.
    private static Cidr prefix(String text, IpFamily family) {
        if (text.equals("default")) {
            return new Cidr(IpAddress.any(family), 0);
        }
        return text.indexOf('/') < 0
                ? new Cidr(IpAddress.parse(text), family.bits())
                : Cidr.parse(text);
    }

    private static String after(List<String> words, String key) {
        int at = words.indexOf(key);
        return at < 0 || at + 1 >= words.size() ? "" : words.get(at + 1);
    }
}
