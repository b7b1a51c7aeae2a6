package io.fairlead.core.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.service.FlowRules;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FlowDeadlinesTest {

    private static final int LAST = FlowDeadlines.CHANCES - 1;

    private static long s(double seconds) {
        return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    /// Opened at 0; by default active at 0, too.
    private static @Nullable FlowEnd due(FlowRules rules, int chance, double now) {
        return FlowDeadlines.due(rules, 0, 0, Backend.NOT_DRAINING, chance, s(now));
    }

    private static @Nullable FlowEnd drained(FlowRules rules, int chance, double now) {
        return FlowDeadlines.due(rules, 0, 0, s(100), chance, s(now));
    }

    @Test
    void withoutRulesAFlowLivesForEver() {
        assertThat(drained(FlowRules.NONE, 0, 1e9)).isNull();
    }

    @Test
    void flowsOfADrainingBackendFallWithinATenthOfTheDrainTimeAfterIt() {
        FlowRules rules = FlowRules.NONE.withDrainSeconds(60);
        assertThat(due(rules, 0, 1e6)).as("the backend is in use").isNull();
        assertThat(drained(rules, 0, 159.9)).isNull();
        assertThat(drained(rules, 0, 160)).isEqualTo(FlowEnd.DRAINED);
        assertThat(drained(rules, LAST, 165.9)).isNull();
        assertThat(drained(rules, LAST, 166)).isEqualTo(FlowEnd.DRAINED);
    }

    @Test
    void aDrainTimeOfZeroEndsThemAtOnce() {
        assertThat(drained(FlowRules.NONE.withDrainSeconds(0), LAST, 100))
                .isEqualTo(FlowEnd.DRAINED);
    }

    @Test
    void aMaximumAgeIsATenthMoreOrLess() {
        FlowRules rules = FlowRules.NONE.withMaxAgeSeconds(100);
        assertThat(due(rules, 0, 89.9)).isNull();
        assertThat(due(rules, 0, 90)).isEqualTo(FlowEnd.TOO_OLD);
        assertThat(due(rules, LAST, 109.9)).isNull();
        assertThat(due(rules, LAST, 110)).isEqualTo(FlowEnd.TOO_OLD);
    }

    @Test
    void idleTimeCountsFromTheLastByte() {
        FlowRules rules = FlowRules.NONE.withIdleSeconds(10);
        assertThat(due(rules, 0, 9.9)).isNull();
        assertThat(due(rules, 0, 10)).isEqualTo(FlowEnd.IDLE);
        assertThat(FlowDeadlines.due(rules, 0, s(5), Backend.NOT_DRAINING, 0, s(14.9))).isNull();
        assertThat(FlowDeadlines.due(rules, 0, s(5), Backend.NOT_DRAINING, 0, s(15)))
                .isEqualTo(FlowEnd.IDLE);
    }

    @Test
    void theLongestTimesDoNotOverflow() {
        FlowRules rules =
                FlowRules.NONE
                        .withDrainSeconds(86_400)
                        .withMaxAgeSeconds(31_536_000)
                        .withIdleSeconds(31_536_000);
        assertThat(drained(rules, LAST, 86_400)).isNull();
        assertThat(due(rules, LAST, 31_535_999)).isNull();
        assertThat(due(rules, LAST, 35e6)).isEqualTo(FlowEnd.TOO_OLD);
    }
}
