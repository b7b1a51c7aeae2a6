package io.fairlead.core.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Balancing.Policy;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What holds for every policy.
class BackendPickerTest {

    private static final long SEED = 20_261_122L;

    static BackendPicker picker(Policy policy, Backend[] backends, int... weights) {
        return BackendPicker.of(Balancing.of(policy), false, backends, weights);
    }

    private static int[] countPicks(BackendPicker picker, int backends, int picks) {
        SplittableRandom hashes = new SplittableRandom(SEED);
        int[] counts = new int[backends];
        for (int i = 0; i < picks; i++) {
            counts[picker.pick(hashes.nextLong())]++;
        }
        return counts;
    }

    private static void assertWeightsHold(Policy policy, int... weights) {
        Backend[] backends = Fixtures.backends(weights.length);
        int total = Arrays.stream(weights).sum();
        int picks = 20_000 * total;
        int[] counts = countPicks(picker(policy, backends, weights), weights.length, picks);
        for (int i = 0; i < weights.length; i++) {
            double expected = (double) picks * weights[i] / total;
            assertThat((double) counts[i])
                    .as("%s, weights %s, backend %d", policy, Arrays.toString(weights), i)
                    .isCloseTo(expected, within(0.05 * expected));
        }
    }

    @ParameterizedTest
    @EnumSource
    void weightsHoldWithinFivePercent(Policy policy) {
        assertWeightsHold(policy, 1, 1);
        assertWeightsHold(policy, 1, 3);
        assertWeightsHold(policy, 1, 1, 1);
        assertWeightsHold(policy, 1, 2, 3, 4);
        assertWeightsHold(policy, 100, 1);
        assertWeightsHold(policy, Fixtures.mixedWeights(40));
    }

    @ParameterizedTest
    @EnumSource
    void aSingleBackendIsAlwaysPicked(Policy policy) {
        BackendPicker picker = picker(policy, Fixtures.backends(1), 5);
        assertThat(countPicks(picker, 1, 100)).containsExactly(100);
        assertThat(picker.hashKey()).isEqualTo(HashKey.NONE);
    }

    @ParameterizedTest
    @EnumSource
    void moreBackendsThanAnyTableHoldsDoNotBreakIt(Policy policy) {
        int count = 70_000;
        Backend[] backends = Fixtures.backends(count);
        int picks = 10_000;
        int[] equal =
                countPicks(picker(policy, backends, Fixtures.equalWeights(count)), count, picks);
        int[] mixed =
                countPicks(picker(policy, backends, Fixtures.mixedWeights(count)), count, picks);
        assertThat(Arrays.stream(equal).sum()).isEqualTo(picks);
        assertThat(Arrays.stream(mixed).sum()).isEqualTo(picks);
    }

    @Test
    void hashingPoliciesSayWhatTheyHash() {
        Backend[] backends = Fixtures.backends(2);
        int[] weights = {1, 1};
        Balancing maglev = Balancing.of(Policy.MAGLEV);
        assertThat(BackendPicker.of(maglev, false, backends, weights).hashKey())
                .isEqualTo(HashKey.TUPLE);
        assertThat(BackendPicker.of(maglev, true, backends, weights).hashKey())
                .isEqualTo(HashKey.CLIENT);
        assertThat(picker(Policy.SOURCE_HASH, backends, weights).hashKey())
                .isEqualTo(HashKey.CLIENT);
        assertThat(picker(Policy.LEAST_CONNECTIONS, backends, weights).hashKey())
                .isEqualTo(HashKey.NONE);
    }

    @ParameterizedTest
    @EnumSource(names = {"MAGLEV", "SOURCE_HASH"})
    void theSameHashPicksTheSameBackend(Policy policy) {
        Backend[] backends = Fixtures.backends(10);
        BackendPicker one = picker(policy, backends, Fixtures.equalWeights(10));
        BackendPicker other = picker(policy, backends, Fixtures.equalWeights(10));
        SplittableRandom hashes = new SplittableRandom(SEED);
        for (int i = 0; i < 1_000; i++) {
            long hash = hashes.nextLong();
            assertThat(one.pick(hash)).isEqualTo(other.pick(hash));
        }
    }

    @Test
    void roundRobinVisitsAllInTurn() {
        BackendPicker picker = new RoundRobinPicker(new int[] {1, 1, 1}, 7);
        assertThat(new int[] {picker.pick(0), picker.pick(0), picker.pick(0), picker.pick(0)})
                .containsExactly(1, 2, 0, 1);
    }

    @Test
    void nonsenseIsRefused() {
        Backend[] two = Fixtures.backends(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> picker(Policy.RANDOM, Fixtures.backends(0)));
        assertThatIllegalArgumentException().isThrownBy(() -> picker(Policy.RANDOM, two, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> picker(Policy.RANDOM, two, 1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> picker(Policy.RANDOM, two, 1, 257));
    }
}
