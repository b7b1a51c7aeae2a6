package io.fairlead.core.balance;

import io.fairlead.core.service.ServicePortName;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// One part of an [AffinityTable]: a hash table whose entries are also in order of last use.
///
/// Everything is guarded by the stripe's own monitor, which callers hold. Buckets never move, so
/// that a sweep may let go of the monitor between slices.
final class AffinityStripe {

    private final int capacity;
    private final @Nullable AffinityEntry[] buckets;

    private @Nullable AffinityEntry oldest;
    private @Nullable AffinityEntry newest;
    private int size;
    private long evicted;
    private long expired;

    AffinityStripe(int capacity) {
        this.capacity = capacity;
        this.buckets = new AffinityEntry[Integer.highestOneBit(Math.max(1, capacity - 1)) << 1];
    }

    @Nullable AffinityEntry find(long hash, ServicePortName port, long high, long low) {
        AffinityEntry entry = buckets[bucket(hash)];
        while (entry != null && !(entry.hash == hash && entry.isOf(port, high, low))) {
            entry = entry.next;
        }
        return entry;
    }

    /// Adds a new entry, used now; makes room for it by dropping the oldest.
    void add(AffinityEntry entry, long nowNs) {
        if (size == capacity && oldest != null) {
            drop(oldest, nowNs);
        }
        entry.lastUsedNs = nowNs;
        int bucket = bucket(entry.hash);
        entry.next = buckets[bucket];
        buckets[bucket] = entry;
        size++;
        linkNewest(entry);
    }

    /// Makes an entry the one used last.
    void touch(AffinityEntry entry, long nowNs, long ttlNs) {
        if (entry.isExpired(nowNs, ttlNs)) {
            expired++;
        }
        entry.lastUsedNs = nowNs;
        entry.ttlNs = ttlNs;
        if (entry.newer != null) {
            unlink(entry);
            linkNewest(entry);
        }
    }

    /// Removes an entry, counted as expired or else as evicted.
    private void drop(AffinityEntry entry, long nowNs) {
        if (entry.isExpired(nowNs)) {
            expired++;
        } else {
            evicted++;
        }
        remove(entry);
    }

    private void remove(AffinityEntry entry) {
        int bucket = bucket(entry.hash);
        AffinityEntry before = buckets[bucket];
        if (before == entry) {
            buckets[bucket] = entry.next;
        } else {
            while (before != null && before.next != entry) {
                before = before.next;
            }
            if (before != null) {
                before.next = entry.next;
            }
        }
        unlink(entry);
        size--;
    }

    /// Removes the expired entries of `count` buckets from `from` on.
    int reap(int from, int count, long nowNs) {
        int before = size;
        removeIf(from, count, entry -> entry.isExpired(nowNs));
        expired += before - size;
        return before - size;
    }

    /// Removes what matches from `count` buckets from `from` on.
    void removeIf(int from, int count, Predicate<AffinityEntry> doomed) {
        for (int bucket = from; bucket < Math.min(from + count, buckets.length); bucket++) {
            AffinityEntry entry = buckets[bucket];
            while (entry != null) {
                AffinityEntry next = entry.next;
                if (doomed.test(entry)) {
                    remove(entry);
                }
                entry = next;
            }
        }
    }

    /// All that are not expired, oldest first.
    List<AffinityRecord> records(long nowNs) {
        List<AffinityRecord> records = new ArrayList<>(size);
        for (AffinityEntry entry = oldest; entry != null; entry = entry.newer) {
            if (!entry.isExpired(nowNs)) {
                records.add(entry.toRecord(nowNs));
            }
        }
        return records;
    }

    private void linkNewest(AffinityEntry entry) {
        entry.newer = null;
        entry.older = newest;
        if (newest == null) {
            oldest = entry;
        } else {
            newest.newer = entry;
        }
        newest = entry;
    }

    private void unlink(AffinityEntry entry) {
        if (entry.older == null) {
            oldest = entry.newer;
        } else {
            entry.older.newer = entry.newer;
        }
        if (entry.newer == null) {
            newest = entry.older;
        } else {
            entry.newer.older = entry.older;
        }
    }

    // The table chose the stripe by the high bits.
    private int bucket(long hash) {
        return (int) hash & buckets.length - 1;
    }

    int buckets() {
        return buckets.length;
    }

    int size() {
        return size;
    }

    long evicted() {
        return evicted;
    }

    long expired() {
        return expired;
    }
}
