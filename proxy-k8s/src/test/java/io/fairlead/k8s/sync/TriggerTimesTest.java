package io.fairlead.k8s.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.IpFamily;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.EndpointSliceSpec.SliceTraits;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.testing.Facts;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Network programming latency, on a clock that the test moves.
class TriggerTimesTest {

    private static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

    private Duration elapsed = Duration.ZERO;
    private final SyncProgress progress = new SyncProgress(this::now);
    private ClusterState state = ClusterState.EMPTY;

    private Moment now() {
        return new Moment(START.plus(elapsed), elapsed.toNanos());
    }

    private static EndpointSliceSpec slice(
            String name, String service, @Nullable Instant trigger, String... addresses) {
        EndpointSliceSpec slice = Facts.slice(name, service, addresses);
        return new EndpointSliceSpec(
                slice.name(),
                slice.service(),
                slice.family(),
                new SliceTraits(false, 1, trigger),
                slice.ports(),
                slice.endpoints());
    }

    /// A slice changes to this, that many seconds after the start.
    private void change(
            String name, String service, @Nullable Integer triggerSeconds, String... addresses) {
        Instant trigger = triggerSeconds == null ? null : START.plusSeconds(triggerSeconds);
        state = state.with(slice(name, service, trigger, addresses));
        progress.offer(new ClusterUpdate(state, List.of()));
    }

    private void delete(String name) {
        ObjectKey key = Facts.slice(name, "").key();
        state = state.without(key);
        progress.offer(new ClusterUpdate(state, List.of()));
    }

    private ClusterUpdate take() {
        return Objects.requireNonNull(progress.take());
    }

    private void applied(ClusterUpdate update) {
        progress.onApplied(update.state(), progress.applied().view(), Set.of(), false);
    }

    private void applyAtSecond(long second) {
        elapsed = Duration.ofSeconds(second);
        applied(take());
    }

    private long observed() {
        return observed(IpFamily.IPV4);
    }

    private long observed(IpFamily family) {
        return Arrays.stream(progress.programmingLatency(family).counts()).sum();
    }

    private double seconds() {
        return progress.programmingLatency(IpFamily.IPV4).sumSeconds();
    }

    @Test
    void a13_latencyIsFromTheTriggerToTheEndOfTheSyncInTheFamilyOfTheSlice() {
        change("web-1", "web", 10, "10.0.0.1");
        applyAtSecond(13);
        assertThat(observed()).isEqualTo(1);
        assertThat(seconds()).isEqualTo(3.0);
        assertThat(observed(IpFamily.IPV6)).isZero();
    }

    @Test
    void a13_aTriggerIsObservedOnce() {
        change("web-1", "web", 10, "10.0.0.1");
        applyAtSecond(13);
        applyAtSecond(14);
        change("other-1", "other", null, "10.0.0.9");
        applyAtSecond(15);
        assertThat(observed()).isEqualTo(1);
    }

    @Test
    void a13_eachTriggerOfAStateThatWasSkippedIsObserved() {
        change("web-1", "web", 10, "10.0.0.1");
        change("web-1", "web", 11, "10.0.0.2");
        change("web-2", "web", 12, "10.0.0.3");
        applyAtSecond(13);
        assertThat(observed()).isEqualTo(3);
        assertThat(seconds()).isEqualTo(3.0 + 2.0 + 1.0);
    }

    @Test
    void a13_aSliceWithoutTriggerIsNotObserved() {
        change("web-1", "web", null, "10.0.0.1");
        applyAtSecond(13);
        assertThat(observed()).isZero();
    }

    @Test
    void a13_aTriggerFromBeforeTheStartIsIgnored() {
        change("web-1", "web", -1, "10.0.0.1");
        change("web-2", "web", 0, "10.0.0.2");
        applyAtSecond(13);
        assertThat(observed()).isZero();
    }

    @Test
    void a13_aSliceWithEqualEndpointsIsNoChangeWhateverItsTrigger() {
        change("web-1", "web", 10, "10.0.0.1");
        applyAtSecond(13);
        ClusterState before = state;
        change("web-1", "web", 14, "10.0.0.1");
        assertThat(state).isSameAs(before);
        applyAtSecond(15);
        assertThat(observed()).isEqualTo(1);
    }

    @Test
    void a13_aDeletedSliceIsNotObservedAndVoidsWhatWaitsForItsService() {
        change("web-1", "web", 10, "10.0.0.1");
        change("web-2", "web", 11, "10.0.0.2");
        change("other-1", "other", 12, "10.0.0.3");
        delete("web-1");
        applyAtSecond(13);
        assertThat(observed()).isEqualTo(1);
        assertThat(seconds()).isEqualTo(1.0);
    }

    @Test
    void a13_aChangeAfterTheDeletionCounts() {
        change("web-1", "web", 10, "10.0.0.1");
        delete("web-1");
        change("web-2", "web", 12, "10.0.0.2");
        applyAtSecond(13);
        assertThat(seconds()).isEqualTo(1.0);
    }

    @Test
    void a13_aTriggerThatComesDuringASyncBelongsToTheNext() {
        change("web-1", "web", 10, "10.0.0.1");
        elapsed = Duration.ofSeconds(12);
        ClusterUpdate first = take();
        change("web-2", "web", 11, "10.0.0.2");
        applied(first);
        assertThat(seconds()).isEqualTo(2.0);
        applyAtSecond(15);
        assertThat(seconds()).isEqualTo(2.0 + 4.0);
    }

    @Test
    void a13_aTriggerIsObservedAtTheEndOfTheSyncThatSucceeds() {
        change("web-1", "web", 10, "10.0.0.1");
        elapsed = Duration.ofSeconds(12);
        take();
        applyAtSecond(42);
        assertThat(seconds()).isEqualTo(32.0);
    }

    @Test
    void a13_aClockAheadOfOursMakesNoNegativeLatency() {
        change("web-1", "web", 20, "10.0.0.1");
        applyAtSecond(13);
        assertThat(observed()).isEqualTo(1);
        assertThat(seconds()).isZero();
    }

    @Test
    void a13_theBuckets() {
        double[] bounds = TriggerTimes.boundsSeconds();
        assertThat(bounds).hasSize(80).isSorted();
        assertThat(Arrays.copyOf(bounds, 4)).containsExactly(0.25, 0.5, 1, 2);
        assertThat(Arrays.copyOfRange(bounds, 59, 63)).containsExactly(58, 59, 60, 65);
        assertThat(Arrays.copyOfRange(bounds, 71, 80))
                .containsExactly(110, 115, 120, 150, 180, 210, 240, 270, 300);
    }
}
