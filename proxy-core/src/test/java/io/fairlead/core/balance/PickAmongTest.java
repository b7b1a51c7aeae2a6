package io.fairlead.core.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Balancing.Policy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The choice when the policy's own cannot be had.
class PickAmongTest {

    private static final long SEED = 20_261_123L;
    private static final int COUNT = 10;
    private static final int PICKS = 100_000;

    /// Every policy, and bounded loads.
    static List<Balancing> balancings() {
        List<Balancing> all = new ArrayList<>();
        Arrays.stream(Policy.values()).map(Balancing::of).forEach(all::add);
        all.add(new Balancing(Policy.MAGLEV, 125));
        return all;
    }

    private static BackendPicker picker(Balancing balancing, int... weights) {
        Backend[] backends = Fixtures.backends(weights.length);
        return BackendPicker.of(balancing, false, backends, weights);
    }

    @ParameterizedTest
    @MethodSource("balancings")
    void onlyCandidatesArePicked(Balancing balancing) {
        SplittableRandom random = new SplittableRandom(SEED);
        BackendPicker picker = picker(balancing, Fixtures.mixedWeights(COUNT));
        for (int i = 0; i < 10_000; i++) {
            int candidates = random.nextInt(1 << COUNT);
            int picked = picker.pickAmong(random.nextLong(), c -> (candidates >> c & 1) == 1);
            if (candidates == 0) {
                assertThat(picked).isEqualTo(BackendPicker.NONE);
            } else {
                assertThat(candidates >> picked & 1).isEqualTo(1);
            }
        }
    }

    /// The others share what one leaves, by their weights; in a Maglev table as far as chance has
    /// it.
    @ParameterizedTest
    @EnumSource
    void weightsHoldAmongCandidatesWithinTenPercent(Policy policy) {
        int[] weights = {1, 2, 3, 4, 2};
        BackendPicker picker = picker(Balancing.of(policy), weights);
        SplittableRandom hashes = new SplittableRandom(SEED);
        int[] counts = new int[weights.length];
        for (int i = 0; i < PICKS; i++) {
            long hash = hashes.nextLong();
            int picked = picker.pick(hash);
            counts[picked == 4 ? picker.pickAmong(hash, c -> c != 4) : picked]++;
        }
        for (int i = 0; i < 4; i++) {
            double expected = PICKS * weights[i] / 10.0;
            assertThat((double) counts[i])
                    .as("backend %d of %s", i, Arrays.toString(counts))
                    .isCloseTo(expected, within(0.1 * expected));
        }
    }

    /// All nodes agree where the flows of a backend go that none of them can reach, and no other
    /// flow moves.
    @ParameterizedTest
    @EnumSource(names = {"MAGLEV", "SOURCE_HASH"})
    void byHashItIsTheSameOnEveryNode(Policy policy) {
        BackendPicker one = picker(Balancing.of(policy), Fixtures.equalWeights(COUNT));
        BackendPicker other = picker(Balancing.of(policy), Fixtures.equalWeights(COUNT));
        SplittableRandom hashes = new SplittableRandom(SEED);
        for (int i = 0; i < 10_000; i++) {
            long hash = hashes.nextLong();
            int first = one.pick(hash);
            int second = one.pickAmong(hash, c -> c != first);
            assertThat(other.pickAmong(hash, c -> c != first)).isEqualTo(second);
            assertThat(other.pickAmong(hash, c -> c != second)).isEqualTo(first);
        }
    }

    @Test
    void boundedLoadIsKeptAmongCandidatesWhereItCanBe() {
        Backend[] backends = Fixtures.backends(4);
        BackendPicker picker =
                BackendPicker.of(
                        new Balancing(Policy.MAGLEV, 150),
                        false,
                        backends,
                        Fixtures.equalWeights(4));
        for (int i = 0; i < 1_000; i++) {
            backends[picker.pickAmong(42, c -> c != 0)].acquire();
        }
        assertThat(backends[0].live()).isZero();
        for (int i = 1; i < 4; i++) {
            assertThat(backends[i].live()).isLessThanOrEqualTo(376);
        }
    }
}
