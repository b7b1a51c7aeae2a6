package io.fairlead.core.flow;

import io.fairlead.core.backend.BackendGroup;
import org.jspecify.annotations.Nullable;

/// What [ClientLimits] knows of one client of one service port. Guarded by its stripe.
public final class ClientSlot {

    final ClientLimits.Stripe stripe;
    final long hash;
    final @Nullable BackendGroup group;
    final long high;
    final long low;

    int live;

    /// When the client may open a flow again had it opened each at its rate.
    long dueNs;

    @Nullable ClientSlot next;

    ClientSlot(
            ClientLimits.Stripe stripe,
            long hash,
            @Nullable BackendGroup group,
            long high,
            long low,
            long nowNs) {
        this.stripe = stripe;
        this.hash = hash;
        this.group = group;
        this.high = high;
        this.low = low;
        this.dueNs = nowNs;
    }

    boolean isOf(long hash, BackendGroup group, long high, long low) {
        return this.hash == hash && this.group == group && this.low == low && this.high == high;
    }

    /// Nothing is lost when it is forgotten.
    boolean isIdle(long nowNs) {
        return live == 0 && nowNs - dueNs >= 0;
    }

    /// The flow it was given out for has ended; any thread, once.
    public void release() {
        synchronized (stripe) {
            live--;
        }
    }
}
