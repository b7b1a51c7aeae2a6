package io.fairlead.lab;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A count of packets that pass a host, by an nft table of its own.
///
/// To count at the client keeps the node under test as it is.
public final class PacketCounter implements AutoCloseable {

    /// What answers a SYN when a port is open.
    public static final String SYN_ACK = "tcp flags & (syn | ack) == syn | ack";

    private static final Pattern PACKETS = Pattern.compile("counter packets ([0-9]+) ");
    private static final AtomicInteger TABLES = new AtomicInteger();

    private final Host host;
    private final String table;

    private PacketCounter(Host host, String hook, String match) {
        this.host = host;
        this.table = "inet fl-counter-" + TABLES.incrementAndGet();
        host.netns()
                .execWithInput(
                        "table %s { chain c { type filter hook %s priority -400; %s counter; }; }\n"
                                .formatted(table, hook, match),
                        "nft",
                        "-f",
                        "-");
    }

    /// Counts what reaches the host and matches.
    ///
    /// @param match in nft's words
    public static PacketCounter incoming(Host host, String match) {
        return new PacketCounter(host, "prerouting", match);
    }

    /// Counts what leaves the host and matches.
    public static PacketCounter outgoing(Host host, String match) {
        return new PacketCounter(host, "postrouting", match);
    }

    public long packets() {
        Matcher matcher = PACKETS.matcher(host.exec("nft", "list table " + table));
        if (!matcher.find()) {
            throw new IllegalStateException("no counter in table " + table + " of " + host);
        }
        return Long.parseLong(matcher.group(1));
    }

    @Override
    public void close() {
        host.exec("nft", "delete table " + table);
    }
}
