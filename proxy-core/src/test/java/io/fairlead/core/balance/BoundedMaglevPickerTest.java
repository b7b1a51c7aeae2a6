package io.fairlead.core.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Balancing.Policy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoundedMaglevPickerTest {

    private static BackendPicker picker(int factorPercent, Backend[] backends, int[] weights) {
        return BackendPicker.of(
                new Balancing(Policy.MAGLEV, factorPercent), false, backends, weights);
    }

    private static long bound(long flows, int factorPercent, int weight, int totalWeight) {
        return (long) Math.ceil(flows * factorPercent / 100.0 * weight / totalWeight);
    }

    /// Half of the flows have one and the same hash; flows also end, at random.
    @ParameterizedTest(name = "factor {0} %")
    @ValueSource(ints = {101, 125, 150, 200, Integer.MAX_VALUE})
    void noBackendTakesAFlowBeyondItsBound(int factorPercent) {
        long seed = 11;
        SplittableRandom random = new SplittableRandom(seed);
        int[] weights = Fixtures.mixedWeights(10);
        int totalWeight = Arrays.stream(weights).sum();
        Backend[] backends = Fixtures.backends(10);
        BackendPicker picker = picker(factorPercent, backends, weights);
        List<Integer> flows = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            if (!flows.isEmpty() && random.nextInt(3) == 0) {
                backends[flows.remove(/* index */ random.nextInt(flows.size()))].release();
                continue;
            }
            int picked = picker.pick(random.nextBoolean() ? 42 : random.nextLong());
            backends[picked].acquire();
            flows.add(picked);
            assertThat((long) backends[picked].live())
                    .as("seed %d, step %d", seed, i)
                    .isLessThanOrEqualTo(
                            bound(flows.size(), factorPercent, weights[picked], totalWeight));
        }
    }

    @Test
    void withRoomItPicksWhatPlainMaglevPicks() {
        Backend[] backends = Fixtures.backends(10);
        int[] weights = Fixtures.equalWeights(10);
        Arrays.stream(backends).forEach(b -> Fixtures.acquire(b, 100));
        BackendPicker bounded = picker(125, backends, weights);
        BackendPicker plain = picker(Balancing.UNBOUNDED, backends, weights);
        SplittableRandom hashes = new SplittableRandom(5);
        for (int i = 0; i < 1_000; i++) {
            long hash = hashes.nextLong();
            assertThat(bounded.pick(hash)).isEqualTo(plain.pick(hash));
        }
    }

    @Test
    void overflowGoesToTheSameBackendWhileThatHasRoom() {
        Backend[] backends = Fixtures.backends(10);
        BackendPicker picker = picker(125, backends, Fixtures.equalWeights(10));
        Arrays.stream(backends).forEach(b -> Fixtures.acquire(b, 100));
        int owner = picker.pick(42);
        Fixtures.acquire(backends[owner], 100);
        int next = picker.pick(42);
        assertThat(next).isNotEqualTo(owner);
        assertThat(picker.pick(42)).isEqualTo(next);
    }

    @Test
    void drainingBackendsDoNotLiftTheBound() {
        Backend[] all = Fixtures.backends(4);
        Fixtures.acquire(all[2], 1_000);
        Fixtures.acquire(all[3], 1_000);
        Backend[] serving = {all[0], all[1]};
        BackendPicker picker = picker(125, serving, new int[] {1, 1});
        for (int i = 0; i < 100; i++) {
            serving[picker.pick(42)].acquire();
        }
        assertThat(Math.max(serving[0].live(), serving[1].live())).isLessThanOrEqualTo(63);
    }
}
