package io.fairlead.core.udp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.IpAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Sockets of one source address that wait for a flow, by their backends. Owned by one event loop.
final class IdleUpstreams {

    /// What one backend's questions take at once, at some ten thousand of them each second that are
    /// answered within milliseconds.
    private static final int MOST_OF_BACKEND = 256;

    /// A resolver that asks each question from a port of its own has some tens under way.
    private static final int MOST_OF_CLIENT = 64;

    private final @Nullable IpAddress client;
    private final Map<Backend, ArrayDeque<Upstream>> byBackend = new HashMap<>();
    private int size;

    /// @param client whose address they have; null for this node's
    IdleUpstreams(@Nullable IpAddress client) {
        this.client = client;
    }

    @Nullable IpAddress client() {
        return client;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /// The one that was used last; null when there is none.
    @Nullable Upstream take(Backend backend) {
        ArrayDeque<Upstream> own = byBackend.get(backend);
        Upstream upstream = own == null ? null : own.pollLast();
        if (upstream != null) {
            size--;
        }
        return upstream;
    }

    /// Takes one in that waits from now on.
    ///
    /// @return one that is to be closed to make room; null when there is room
    @Nullable Upstream add(Upstream upstream) {
        ArrayDeque<Upstream> own =
                byBackend.computeIfAbsent(upstream.backend, _ -> new ArrayDeque<>());
        own.addLast(upstream);
        size++;
        if (own.size() > MOST_OF_BACKEND) {
            size--;
            return own.pollFirst();
        }
        return client != null && size > MOST_OF_CLIENT ? removeOldest() : null;
    }

    /// Takes one out; false when it does not wait here.
    boolean remove(Upstream upstream) {
        ArrayDeque<Upstream> own = byBackend.get(upstream.backend);
        boolean known = own != null && own.remove(upstream);
        size -= known ? 1 : 0;
        return known;
    }

    /// The one that has waited longest; null when there is none.
    @Nullable Upstream removeOldest() {
        ArrayDeque<Upstream> with = null;
        Upstream oldest = null;
        for (ArrayDeque<Upstream> own : byBackend.values()) {
            Upstream first = own.peekFirst();
            if (first != null && (oldest == null || first.idleSinceNs - oldest.idleSinceNs < 0)) {
                oldest = first;
                with = own;
            }
        }
        if (with != null) {
            with.removeFirst();
            size--;
        }
        return oldest;
    }

    /// One that has waited since before then; null when there is none.
    @Nullable Upstream removeOlder(long sinceNs) {
        Iterator<ArrayDeque<Upstream>> all = byBackend.values().iterator();
        while (all.hasNext()) {
            ArrayDeque<Upstream> own = all.next();
            Upstream first = own.peekFirst();
            if (first == null) {
                all.remove();
            } else if (first.idleSinceNs - sinceNs <= 0) {
                size--;
                return own.pollFirst();
            }
        }
        return null;
    }
}
