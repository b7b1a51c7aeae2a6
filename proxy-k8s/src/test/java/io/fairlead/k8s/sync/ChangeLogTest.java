package io.fairlead.k8s.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.testing.Facts;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The line about what was applied, on a clock that the test moves.
class ChangeLogTest {

    private static final Duration THREE = Duration.ofMillis(3);
    private static final ClusterState ONE = Facts.state(Facts.service("a", "10.96.0.1"));

    private final ChangeLog log = new ChangeLog();

    @Test
    void countsServicesByWhatBecameOfThem() {
        ClusterState before = ONE.with(Facts.service("gone", "10.96.0.2"));
        ClusterState after =
                ONE.with(Facts.slice("a-1", "a", "10.1.0.1"))
                        .with(Facts.service("b", "10.96.0.3"))
                        .with(Facts.service("c", "10.96.0.4"));
        log.note(before, after, THREE);
        assertThat(log.line(0)).isEqualTo("2 Services added, 1 changed, 1 gone; 3 ms");
    }

    @Test
    void saysNothingOfWhatChangesNoService() {
        log.note(ONE, ONE.with(Facts.slice("x-1", "x", "10.1.0.1")), THREE);
        assertThat(log.line(0)).isNull();
    }

    @Test
    void writesOnceASecondAndAddsUpTheRest() {
        long start = Long.MAX_VALUE - 1;
        log.note(ClusterState.EMPTY, ONE, THREE);
        assertThat(log.line(start)).isNotNull();
        ClusterState state = ONE;
        for (int i = 0; i < 7; i++) {
            ClusterState next = state.with(Facts.slice("a-1", "a", "10.1.0." + i));
            log.note(state, next, THREE);
            state = next;
            assertThat(log.line(start + TimeUnit.SECONDS.toNanos(1) - 1)).isNull();
        }
        assertThat(log.line(start + TimeUnit.SECONDS.toNanos(1)))
                .isEqualTo("0 Services added, 7 changed, 0 gone; 21 ms in 7 turns");
        assertThat(log.line(start + TimeUnit.SECONDS.toNanos(9))).isNull();
    }
}
