package io.fairlead.core.tcp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.service.FlowRules;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// When the rules of a service port end a flow. Stateless; allocates nothing.
final class FlowDeadlines {

    /// Chance of a flow, drawn when it opens: 0 to this, exclusive. Spreads what would fall at
    /// once.
    static final int CHANCES = 1 << 16;

    /// Flows of a backend that drains fall within this part of the drain time, after it.
    private static final int DRAIN_SPREAD = 10;

    /// A maximum age is this part more or less.
    private static final int AGE_SPREAD = 10;

    private FlowDeadlines() {}

    /// Why a flow is to end now; null when it is not.
    ///
    /// @param openedNs when it was opened
    /// @param activeNs when it last carried something
    /// @param drainingNs since when its backend drains, or [Backend#NOT_DRAINING]
    static @Nullable FlowEnd due(
            FlowRules rules,
            long openedNs,
            long activeNs,
            long drainingNs,
            int chance,
            long nowNs) {
        if (rules.drainSeconds() != FlowRules.OFF
                && drainingNs != Backend.NOT_DRAINING
                && nowNs - drainingNs >= drainNs(rules, chance)) {
            return FlowEnd.DRAINED;
        }
        if (rules.maxAgeSeconds() != FlowRules.OFF && nowNs - openedNs >= ageNs(rules, chance)) {
            return FlowEnd.TOO_OLD;
        }
        if (rules.idleSeconds() != FlowRules.OFF
                && nowNs - activeNs >= TimeUnit.SECONDS.toNanos(rules.idleSeconds())) {
            return FlowEnd.IDLE;
        }
        return null;
    }

    private static long drainNs(FlowRules rules, int chance) {
        long all = TimeUnit.SECONDS.toNanos(rules.drainSeconds());
        return all + all / DRAIN_SPREAD / CHANCES * chance;
    }

    private static long ageNs(FlowRules rules, int chance) {
        long all = TimeUnit.SECONDS.toNanos(rules.maxAgeSeconds());
        return all - all / AGE_SPREAD + 2 * all / AGE_SPREAD / CHANCES * chance;
    }
}
