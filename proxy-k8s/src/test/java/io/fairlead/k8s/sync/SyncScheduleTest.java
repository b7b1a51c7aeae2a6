package io.fairlead.k8s.sync;

import static io.fairlead.k8s.sync.SyncSchedule.Task.CHANGES;
import static io.fairlead.k8s.sync.SyncSchedule.Task.EVERYTHING;
import static io.fairlead.k8s.sync.SyncSchedule.Task.NOTHING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.k8s.sync.SyncSchedule.Task;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// When what is due, on a clock that the test moves.
class SyncScheduleTest {

    private final SyncSchedule schedule = new SyncSchedule(SyncOptions.DEFAULT);

    /// Any start will do, the last before an overflow too.
    private long nowNanos = Long.MAX_VALUE - TimeUnit.MILLISECONDS.toNanos(5);

    private void pass(Duration time) {
        nowNanos += time.toNanos();
    }

    private Task due() {
        return schedule.due(nowNanos);
    }

    /// Carries out what is due, in so much time.
    private Task run(Duration takes, boolean applied) {
        Task task = due();
        schedule.onStart();
        pass(takes);
        schedule.onEnd(task, applied, nowNanos);
        return task;
    }

    private void start() {
        schedule.onOffered();
        assertThat(run(Duration.ZERO, true)).isEqualTo(EVERYTHING);
    }

    @Test
    void a14_1_nothingIsDueBeforeTheFirstState() {
        pass(Duration.ofDays(1));
        assertThat(due()).isEqualTo(NOTHING);
    }

    @Test
    void a14_1_theFirstStateIsDueAtOnceAndIsWhole() {
        schedule.onOffered();
        assertThat(schedule.waitNanos(nowNanos)).isZero();
        assertThat(due()).isEqualTo(EVERYTHING);
    }

    @Test
    void a14_1_theFirstChangeAfterAQuietTimeIsDueAtOnce() {
        start();
        pass(Duration.ofSeconds(1));
        assertThat(due()).isEqualTo(NOTHING);
        schedule.onOffered();
        assertThat(schedule.waitNanos(nowNanos)).isZero();
        assertThat(due()).isEqualTo(CHANGES);
    }

    @Test
    void a14_1_theIntervalIsFromTheEndOfOneToTheStartOfTheNext() {
        start();
        pass(Duration.ofSeconds(1));
        schedule.onOffered();
        run(Duration.ofSeconds(3), true);
        schedule.onOffered();
        assertThat(schedule.waitNanos(nowNanos)).isEqualTo(10_000_000);
        pass(Duration.ofMillis(10).minusNanos(1));
        assertThat(schedule.waitNanos(nowNanos)).isEqualTo(1);
        assertThat(due()).isEqualTo(NOTHING);
        pass(Duration.ofNanos(1));
        assertThat(due()).isEqualTo(CHANGES);
    }

    @Test
    void a14_1_whatComesWhileAnotherIsAppliedIsDueAfterIt() {
        start();
        pass(Duration.ofSeconds(1));
        schedule.onOffered();
        Task task = due();
        schedule.onStart();
        schedule.onOffered();
        schedule.onEnd(task, true, nowNanos);
        pass(Duration.ofMillis(10));
        assertThat(due()).isEqualTo(CHANGES);
    }

    @Test
    void a14_1_whatFailedIsTriedAgainAsAWholeAfterThirtySeconds() {
        start();
        pass(Duration.ofSeconds(1));
        schedule.onOffered();
        run(Duration.ofSeconds(2), false);
        pass(Duration.ofSeconds(30).minusNanos(1));
        assertThat(due()).isEqualTo(NOTHING);
        pass(Duration.ofNanos(1));
        assertThat(run(Duration.ofSeconds(2), false)).isEqualTo(EVERYTHING);
        assertThat(due()).isEqualTo(NOTHING);
        pass(Duration.ofSeconds(30));
        assertThat(run(Duration.ZERO, true)).isEqualTo(EVERYTHING);
        pass(Duration.ofSeconds(31));
        assertThat(due()).isEqualTo(NOTHING);
    }

    @Test
    void a14_1_aLaterStateDoesNotWaitForTheRetry() {
        start();
        pass(Duration.ofSeconds(1));
        schedule.onOffered();
        run(Duration.ZERO, false);
        schedule.onOffered();
        pass(Duration.ofMillis(10));
        assertThat(run(Duration.ZERO, true)).isEqualTo(CHANGES);
        pass(Duration.ofSeconds(31));
        assertThat(due()).isEqualTo(NOTHING);
    }

    @Test
    void a14_1_aFirstStateThatFailedIsTriedAgain() {
        schedule.onOffered();
        run(Duration.ZERO, false);
        pass(Duration.ofSeconds(29));
        assertThat(due()).isEqualTo(NOTHING);
        pass(Duration.ofSeconds(1));
        assertThat(due()).isEqualTo(EVERYTHING);
    }

    @Test
    void a14_1_everythingIsGoneThroughOnceAnHour() {
        start();
        pass(Duration.ofHours(1).minusNanos(1));
        assertThat(due()).isEqualTo(NOTHING);
        pass(Duration.ofNanos(1));
        assertThat(run(Duration.ofSeconds(1), true)).isEqualTo(EVERYTHING);
        pass(Duration.ofMinutes(30));
        schedule.onOffered();
        assertThat(run(Duration.ZERO, true)).isEqualTo(CHANGES);
        pass(Duration.ofMinutes(30));
        assertThat(due()).isEqualTo(EVERYTHING);
    }

    @Test
    void a14_1_anHourlyTurnThatFailsWaitsForTheRetryToo() {
        start();
        pass(Duration.ofHours(1));
        run(Duration.ZERO, false);
        pass(Duration.ofSeconds(29));
        assertThat(due()).isEqualTo(NOTHING);
        pass(Duration.ofSeconds(1));
        assertThat(due()).isEqualTo(EVERYTHING);
    }

    @Test
    void theTimesAreChecked() {
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> new SyncOptions(second.negated(), second, second))
                .hasMessageStartingWith("minInterval: PT-1S ");
        assertThatThrownBy(() -> new SyncOptions(second, Duration.ZERO, second))
                .hasMessageStartingWith("fullPeriod: PT0S ");
        assertThatThrownBy(() -> new SyncOptions(second, second, Duration.ofMillis(1)))
                .hasMessageStartingWith("retry: PT0.001S is less than minInterval");
    }
}
