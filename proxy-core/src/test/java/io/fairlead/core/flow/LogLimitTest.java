package io.fairlead.core.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogLimitTest {

    private final LogLimit limit = new LogLimit();

    /// A monotonic clock may start anywhere, near its overflow too.
    @ParameterizedTest
    @ValueSource(longs = {0, -5, Long.MAX_VALUE - 3, Long.MIN_VALUE})
    void oneLineASecondAndTheRestIsCounted(long startNs) {
        assertThat(limit.allows(startNs)).isTrue();
        for (int i = 1; i <= 1_000; i++) {
            assertThat(limit.allows(startNs + i)).isFalse();
        }
        assertThat(limit.allows(startNs + TimeUnit.SECONDS.toNanos(1))).isTrue();
        assertThat(limit.takeKept()).isEqualTo(1_000);
        assertThat(limit.takeKept()).isZero();
    }

    @Test
    void aQuietTimeLeavesNothingToTell() {
        assertThat(limit.allows(0)).isTrue();
        assertThat(limit.allows(TimeUnit.HOURS.toNanos(1))).isTrue();
        assertThat(limit.takeKept()).isZero();
    }
}
