package io.fairlead.core.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.Backend;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LeastConnectionsPickerTest {

    private static int[] countPicks(LeastConnectionsPicker picker, int backends, int picks) {
        SplittableRandom random = new SplittableRandom(1);
        int[] counts = new int[backends];
        for (int i = 0; i < picks; i++) {
            counts[picker.choose(random.nextLong(), random.nextLong())]++;
        }
        return counts;
    }

    @Test
    void ofTwoTheOneWithFewerFlowsIsPicked() {
        Backend[] backends = Fixtures.backends(2);
        LeastConnectionsPicker picker = new LeastConnectionsPicker(backends, new int[] {1, 1});
        backends[0].acquire();
        assertThat(countPicks(picker, 2, 1_000)).containsExactly(0, 1_000);
        Fixtures.acquire(backends[1], 2);
        assertThat(countPicks(picker, 2, 1_000)).containsExactly(1_000, 0);
    }

    @Test
    void ofTwoFlowsCountPerWeight() {
        Backend[] backends = Fixtures.backends(2);
        LeastConnectionsPicker picker = new LeastConnectionsPicker(backends, new int[] {1, 3});
        Fixtures.acquire(backends[0], 2);
        Fixtures.acquire(backends[1], 3);
        assertThat(countPicks(picker, 2, 1_000)).containsExactly(0, 1_000);
        Fixtures.acquire(backends[1], 6);
        assertThat(countPicks(picker, 2, 1_000)).containsExactly(1_000, 0);
    }

    @Test
    void theMostLoadedOfManyIsNeverPicked() {
        Backend[] backends = Fixtures.backends(5);
        LeastConnectionsPicker picker =
                new LeastConnectionsPicker(backends, Fixtures.equalWeights(5));
        backends[3].acquire();
        int[] counts = countPicks(picker, 5, 100_000);
        assertThat(counts[3]).isZero();
        for (int i : new int[] {0, 1, 2, 4}) {
            assertThat(counts[i]).isBetween(24_000, 26_000);
        }
    }

    @Test
    void theSecondCandidateIsAnyButTheFirst() {
        Backend[] backends = Fixtures.backends(3);
        LeastConnectionsPicker picker =
                new LeastConnectionsPicker(backends, Fixtures.equalWeights(3));
        // Only the first candidate is loaded, so the second shows itself.
        backends[1].acquire();
        long first = Long.MIN_VALUE; // the middle of three
        assertThat(picker.choose(first, 0)).isEqualTo(0);
        assertThat(picker.choose(first, -1L)).isEqualTo(2);
    }

    /// An idle backend of small weight does not draw flows away from a heavy one that has few.
    @Test
    void weightsHoldUnderLowLoad() {
        Backend[] backends = Fixtures.backends(2);
        LeastConnectionsPicker picker = new LeastConnectionsPicker(backends, new int[] {100, 1});
        Fixtures.acquire(backends[0], 3);
        assertThat(countPicks(picker, 2, 101_000)[1]).isBetween(850, 1_150);
    }
}
