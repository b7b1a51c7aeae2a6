package io.fairlead.k8s.status;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The connections that a port of ours has at a time: bounded, and so that no client can keep
/// others out. One too many ends the oldest of whoever has the most. Safe for threads.
final class HttpConnections {

    static final int MAX = 256;

    private final Set<HttpConnection> all = new LinkedHashSet<>();
    private boolean closed;

    /// Takes one more; closes it at once where all have been closed.
    synchronized void add(HttpConnection connection) {
        if (closed) {
            connection.close();
            return;
        }
        if (all.size() >= MAX) {
            HttpConnection least = leastMissed();
            all.remove(least);
            least.close();
        }
        all.add(connection);
    }

    private HttpConnection leastMissed() {
        Map<InetAddress, List<HttpConnection>> byClient = new LinkedHashMap<>();
        all.forEach(c -> byClient.computeIfAbsent(c.client(), _ -> new ArrayList<>()).add(c));
        List<HttpConnection> most = List.of();
        for (List<HttpConnection> ofOne : byClient.values()) {
            most = ofOne.size() > most.size() ? ofOne : most;
        }
        return most.getFirst();
    }

    synchronized void remove(HttpConnection connection) {
        all.remove(connection);
    }

    synchronized boolean areNone() {
        return all.isEmpty();
    }

    /// Ends those that have taken longer than they may.
    synchronized void closeLate(long nowNanos) {
        for (HttpConnection connection : List.copyOf(all)) {
            if (connection.isLate(nowNanos)) {
                all.remove(connection);
                connection.close();
            }
        }
    }

    /// Ends all, and those that are added from now on.
    synchronized void close() {
        closed = true;
        all.forEach(HttpConnection::close);
        all.clear();
    }
}
