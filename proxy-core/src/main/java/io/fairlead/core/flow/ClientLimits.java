package io.fairlead.core.flow;

import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.balance.FlowHash;
import io.fairlead.core.service.FlowRules;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// How many flows each client address has, and how fast it opens them: for service ports that limit
/// either.
///
/// Event loops share it, each client under the monitor of one of a few stripes, held for a handful
/// of memory reads. A client costs an entry while it has flows or was in a hurry a moment ago; when
/// there is room for no more, further clients are let in uncounted, and that is counted.
///
/// The rate is a token bucket, in the form of the generic cell rate algorithm (ITU-T I.371): one
/// number for each client, the time when its bucket will be full.
public final class ClientLimits {

    /// Clients at a time: about 6 MiB when full.
    static final int DEFAULT_CAPACITY = 1 << 16;

    private static final int STRIPES = 16;
    private static final int STRIPE_BITS = Integer.numberOfTrailingZeros(STRIPES);
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    /// In place of a slot: the client has as many flows as it may.
    public static final ClientSlot TOO_MANY = sentinel();

    /// In place of a slot: the client opens flows faster than it may.
    public static final ClientSlot TOO_FAST = sentinel();

    private final Stripe[] stripes = new Stripe[STRIPES];
    private final LongAdder uncounted = new LongAdder();

    // Known to nobody, as in AffinityTable.
    private final long salt = ThreadLocalRandom.current().nextLong();

    public ClientLimits() {
        this(DEFAULT_CAPACITY);
    }

    ClientLimits(int capacity) {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe(Math.max(1, capacity / STRIPES));
        }
    }

    private static ClientSlot sentinel() {
        return new ClientSlot(new Stripe(1), 0, null, 0, 0, 0);
    }

    /// Asks for a flow of a client.
    ///
    /// @return a slot to release when the flow has ended, null when it need not be counted, or
    ///   [#TOO_MANY] or [#TOO_FAST]
    public @Nullable ClientSlot admit(BackendGroup group, FlowTuple flow, FlowRules rules) {
        long high = flow.clientHigh;
        long low = flow.clientLow;
        long hash = hash(group, high, low);
        Stripe stripe = stripe(hash);
        synchronized (stripe) {
            ClientSlot slot = stripe.find(hash, group, high, low);
            if (slot == null) {
                slot = stripe.add(hash, group, high, low, flow.nowNs);
            }
            if (slot == null) {
                uncounted.increment();
                return null;
            }
            return admit(slot, rules, flow.nowNs);
        }
    }

    /// What [#admit] would refuse a flow of a client for; null when it would let it in. Changes
    /// nothing.
    @Nullable ClientSlot foresee(BackendGroup group, FlowTuple flow, FlowRules rules) {
        long hash = hash(group, flow.clientHigh, flow.clientLow);
        Stripe stripe = stripe(hash);
        synchronized (stripe) {
            ClientSlot slot = stripe.find(hash, group, flow.clientHigh, flow.clientLow);
            // Whoever is not known has no flows and was in no hurry.
            return slot == null ? null : refusal(slot, rules, flow.nowNs);
        }
    }

    private long hash(BackendGroup group, long high, long low) {
        return FlowHash.fold(
                FlowHash.fold(FlowHash.fold(salt, group.name().hashCode()), high), low);
    }

    private Stripe stripe(long hash) {
        return stripes[(int) (hash >>> (Long.SIZE - STRIPE_BITS))];
    }

    private static ClientSlot admit(ClientSlot slot, FlowRules rules, long nowNs) {
        ClientSlot refusal = refusal(slot, rules, nowNs);
        if (refusal != null) {
            return refusal;
        }
        if (rules.flowRatePerClient() != FlowRules.OFF) {
            slot.dueNs = nextNs(slot, rules, nowNs);
        }
        slot.live++;
        return slot;
    }

    private static @Nullable ClientSlot refusal(ClientSlot slot, FlowRules rules, long nowNs) {
        if (rules.maxFlowsPerClient() != FlowRules.OFF && slot.live >= rules.maxFlowsPerClient()) {
            return TOO_MANY;
        }
        // Full when one second's worth is ahead of time.
        return rules.flowRatePerClient() != FlowRules.OFF
                        && nextNs(slot, rules, nowNs) - nowNs > SECOND_NS
                ? TOO_FAST
                : null;
    }

    private static long nextNs(ClientSlot slot, FlowRules rules, long nowNs) {
        long dueNs = slot.dueNs - nowNs > 0 ? slot.dueNs : nowNs;
        return dueNs + SECOND_NS / rules.flowRatePerClient();
    }

    /// Flows that were let in without being counted, for want of room.
    public long uncounted() {
        return uncounted.sum();
    }

    /// Clients known now.
    int size() {
        int sum = 0;
        for (Stripe stripe : stripes) {
            synchronized (stripe) {
                sum += stripe.size;
            }
        }
        return sum;
    }

    /// A part of the clients, guarded by its own monitor: a hash table whose chains are cleared of
    /// idle clients by those who add to them.
    static final class Stripe {

        private final int capacity;
        private final @Nullable ClientSlot[] buckets;
        private int size;
        private int sweptTo;

        Stripe(int capacity) {
            this.capacity = capacity;
            this.buckets = new ClientSlot[Integer.highestOneBit(Math.max(1, capacity - 1)) << 1];
        }

        @Nullable ClientSlot find(long hash, BackendGroup group, long high, long low) {
            ClientSlot slot = buckets[bucket(hash)];
            while (slot != null && !slot.isOf(hash, group, high, low)) {
                slot = slot.next;
            }
            return slot;
        }

        @Nullable ClientSlot add(long hash, BackendGroup group, long high, long low, long nowNs) {
            int bucket = bucket(hash);
            sweep(bucket, nowNs);
            // One more each time: whoever came once and never again goes too.
            sweptTo = sweptTo + 1 & buckets.length - 1;
            sweep(sweptTo, nowNs);
            if (size == capacity) {
                return null;
            }
            ClientSlot slot = new ClientSlot(this, hash, group, high, low, nowNs);
            slot.next = buckets[bucket];
            buckets[bucket] = slot;
            size++;
            return slot;
        }

        private void sweep(int bucket, long nowNs) {
            ClientSlot before = null;
            for (ClientSlot slot = buckets[bucket]; slot != null; slot = slot.next) {
                if (!slot.isIdle(nowNs)) {
                    before = slot;
                } else {
                    size--;
                    if (before == null) {
                        buckets[bucket] = slot.next;
                    } else {
                        before.next = slot.next;
                    }
                }
            }
        }

        private int bucket(long hash) {
            return (int) hash & buckets.length - 1;
        }
    }
}
