package io.fairlead.core.balance;

import io.fairlead.core.service.ServicePortName;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/// Which clients stick to which backends: ClientIP session affinity (SEMANTICS A9).
///
/// One for the whole agent; it outlives table generations. A client is known per service port,
/// whichever VIP it used. The port's name carries an IP family, which changes nothing: an address
/// is of one family only.
///
/// Event loops share it, each entry under the monitor of one of a few stripes. A monitor is held
/// for a handful of memory reads, without allocation or I/O once a client is known, and only for
/// new flows of service ports that ask for affinity; a lock-free table could not keep order of use
/// and bound at once for as little.
///
/// Holds at most `capacity` clients and then drops the one longest without a new flow (of its
/// stripe, once there are several). Time is what callers say it is.
public final class AffinityTable {

    /// About 22 MiB when full: some 84 bytes for each.
    public static final int DEFAULT_CAPACITY = 1 << 18;

    private static final int MAX_STRIPES = 16;

    /// Fewer entries than this in a stripe would make the order of eviction a matter of luck.
    private static final int MIN_STRIPE_CAPACITY = 1_024;

    /// Buckets swept under one hold of a monitor: some microseconds.
    private static final int SLICE = 256;

    private final AffinityStripe[] stripes;
    private final int stripeShift;

    // Known to nobody: with a fixed seed, a client with an IPv6 prefix to choose from could send
    // all
    // its addresses to one bucket.
    private final long salt = ThreadLocalRandom.current().nextLong();

    public AffinityTable(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity " + capacity + " is not above 0");
        }
        int count =
                Math.clamp(Integer.highestOneBit(capacity / MIN_STRIPE_CAPACITY), 1, MAX_STRIPES);
        this.stripes = new AffinityStripe[count];
        for (int i = 0; i < count; i++) {
            stripes[i] = new AffinityStripe(capacity / count);
        }
        this.stripeShift = Long.SIZE - 1 - Integer.numberOfTrailingZeros(count);
    }

    /// What the hashes of a service port's clients start from.
    long portHash(ServicePortName port) {
        return FlowHash.fold(salt, port.hashCode());
    }

    AffinityStripe stripe(long hash) {
        // In two steps, as a shift by 64 would be none.
        return stripes[(int) (hash >>> 1 >>> stripeShift)];
    }

    /// Removes the expired clients; for a timer, as they cost nothing but memory.
    ///
    /// @return how many
    public int reap(long nowNs) {
        int reaped = 0;
        for (AffinityStripe stripe : stripes) {
            for (int from = 0; from < stripe.buckets(); from += SLICE) {
                synchronized (stripe) {
                    reaped += stripe.reap(from, SLICE, nowNs);
                }
            }
        }
        return reaped;
    }

    /// Removes the clients of a service port, as when it is gone or its affinity is switched off.
    public void forget(ServicePortName port) {
        for (AffinityStripe stripe : stripes) {
            for (int from = 0; from < stripe.buckets(); from += SLICE) {
                synchronized (stripe) {
                    stripe.removeIf(from, SLICE, entry -> entry.port.equals(port));
                }
            }
        }
    }

    /// Hands out all clients that stick, stripe by stripe.
    public void forEach(long nowNs, Consumer<AffinityRecord> taker) {
        for (AffinityStripe stripe : stripes) {
            List<AffinityRecord> records;
            synchronized (stripe) {
                records = stripe.records(nowNs);
            }
            records.forEach(taker);
        }
    }

    /// Takes over clients of another table; those already known here keep their backend. For the
    /// time before the first flow: later, what is taken over counts as younger than what was there.
    public void restore(Collection<AffinityRecord> records, long nowNs) {
        records.stream()
                .filter(record -> record.ageNs() < record.ttlNs())
                .sorted(Comparator.comparingLong(AffinityRecord::ageNs).reversed())
                .forEach(record -> restore(record, nowNs));
    }

    private void restore(AffinityRecord record, long nowNs) {
        long high = record.client().high();
        long low = record.client().low();
        long hash = hash(portHash(record.port()), high, low);
        AffinityStripe stripe = stripe(hash);
        synchronized (stripe) {
            if (stripe.find(hash, record.port(), high, low) == null) {
                AffinityEntry entry =
                        new AffinityEntry(hash, record.port(), high, low, record.backend());
                stripe.add(entry, nowNs);
                entry.lastUsedNs = nowNs - record.ageNs();
                entry.ttlNs = record.ttlNs();
            }
        }
    }

    static long hash(long portHash, long clientHigh, long clientLow) {
        return FlowHash.fold(FlowHash.fold(portHash, clientHigh), clientLow);
    }

    /// Clients known, expired ones included until they are reaped.
    public long size() {
        return sum(AffinityStripe::size);
    }

    /// Clients ever dropped for want of room before their time.
    public long evicted() {
        return sum(AffinityStripe::evicted);
    }

    /// Clients ever found expired.
    public long expired() {
        return sum(AffinityStripe::expired);
    }

    private long sum(ToLongFunction<AffinityStripe> count) {
        long sum = 0;
        for (AffinityStripe stripe : stripes) {
            synchronized (stripe) {
                sum += count.applyAsLong(stripe);
            }
        }
        return sum;
    }
}
