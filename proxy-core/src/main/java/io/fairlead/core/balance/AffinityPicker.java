package io.fairlead.core.balance;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.ServicePortName;
import org.jspecify.annotations.Nullable;

/// Leads the flows of a client to the backend that it had before, and new clients by a picker.
///
/// One for each backend set of a service port with ClientIP affinity and for each table generation;
/// what clients stick to is in the [AffinityTable]. Safe on every event loop; allocates for new
/// clients only.
public final class AffinityPicker {

    /// In place of an index: the client does not stick to a backend of the set.
    public static final int NONE = -1;

    private final AffinityTable table;
    private final ServicePortName port;
    private final long portHash;
    private final long ttlNs;
    private final Backend[] backends;
    private final BackendPicker picker;

    /// @param ttlNs how long a client sticks after its last new flow
    /// @param backends kept, not copied; sorted by address, as in a backend set
    /// @param picker of the same backends
    public AffinityPicker(
            AffinityTable table,
            ServicePortName port,
            long ttlNs,
            Backend[] backends,
            BackendPicker picker) {
        if (ttlNs < 1) {
            throw new IllegalArgumentException("time to live of " + ttlNs + " ns is not above 0");
        }
        this.table = table;
        this.port = port;
        this.portHash = table.portHash(port);
        this.ttlNs = ttlNs;
        this.backends = backends;
        this.picker = picker;
    }

    /// What `hash` of [#pick] is taken of.
    public HashKey hashKey() {
        return picker.hashKey();
    }

    /// Index of the backend for a new flow, to which the client sticks from now on.
    ///
    /// Of flows that a new client opens at once, one picks and the others follow.
    ///
    /// @param hash for the picker
    public int pick(long clientHigh, long clientLow, long hash, long nowNs) {
        long key = AffinityTable.hash(portHash, clientHigh, clientLow);
        AffinityStripe stripe = table.stripe(key);
        synchronized (stripe) {
            AffinityEntry entry = stripe.find(key, port, clientHigh, clientLow);
            int usable = usableIndex(entry, nowNs);
            int index = usable == NONE ? picker.pick(hash) : usable;
            if (entry == null) {
                entry = new AffinityEntry(key, port, clientHigh, clientLow, backends[index].at());
                stripe.add(entry, nowNs);
            }
            stick(stripe, entry, index, nowNs);
            return index;
        }
    }

    /// Index of the backend for a flow that cannot have the one of [#pick]; [#NONE] when no backend
    /// is a candidate.
    ///
    /// That is the one that its client sticks to by now, if it is a candidate: of flows that fail
    /// at once, one moves the client and the others follow.
    public int pickAmong(
            long clientHigh, long clientLow, long hash, Candidates candidates, long nowNs) {
        long key = AffinityTable.hash(portHash, clientHigh, clientLow);
        AffinityStripe stripe = table.stripe(key);
        synchronized (stripe) {
            AffinityEntry entry = stripe.find(key, port, clientHigh, clientLow);
            int usable = usableIndex(entry, nowNs);
            int index =
                    usable != NONE && candidates.has(usable)
                            ? usable
                            : picker.pickAmong(hash, candidates);
            if (index == BackendPicker.NONE) {
                return NONE;
            }
            if (entry == null) {
                entry = new AffinityEntry(key, port, clientHigh, clientLow, backends[index].at());
                stripe.add(entry, nowNs);
            }
            stick(stripe, entry, index, nowNs);
            return index;
        }
    }

    /// Index of the backend that a client sticks to, or [#NONE]; changes nothing.
    public int peek(long clientHigh, long clientLow, long nowNs) {
        long key = AffinityTable.hash(portHash, clientHigh, clientLow);
        AffinityStripe stripe = table.stripe(key);
        synchronized (stripe) {
            return usableIndex(stripe.find(key, port, clientHigh, clientLow), nowNs);
        }
    }

    private void stick(AffinityStripe stripe, AffinityEntry entry, int index, long nowNs) {
        entry.backend = backends[index].at();
        entry.indexHint = index;
        stripe.touch(entry, nowNs, ttlNs);
    }

    private int usableIndex(@Nullable AffinityEntry entry, long nowNs) {
        if (entry == null || entry.isExpired(nowNs, ttlNs)) {
            return NONE;
        }
        int hint = entry.indexHint;
        return hint < backends.length && backends[hint].at().equals(entry.backend)
                ? hint
                : search(entry.backend);
    }

    private int search(AddressPort at) {
        int low = 0;
        int high = backends.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = backends[middle].at().compareTo(at);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return NONE;
    }
}
