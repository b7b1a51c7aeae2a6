package io.fairlead.core.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WeightedSamplerTest {

    /// Evenly spaced "random" numbers show the shares without any randomness.
    private static double[] shares(int[] weights) {
        WeightedSampler sampler = WeightedSampler.of(weights);
        int points = 1 << 22;
        int[] counts = new int[weights.length];
        for (int i = 0; i < points; i++) {
            counts[sampler.sample((long) i << 42)]++;
        }
        return Arrays.stream(counts).mapToDouble(c -> (double) c / points).toArray();
    }

    private static void assertSharesFollow(int[] weights) {
        double total = Arrays.stream(weights).sum();
        double[] shares = shares(weights);
        for (int i = 0; i < weights.length; i++) {
            assertThat(shares[i])
                    .as("share of %d in %s", i, Arrays.toString(weights))
                    .isCloseTo(weights[i] / total, within(1e-4));
        }
    }

    @Test
    void sharesAreAsTheWeights() {
        assertSharesFollow(new int[] {1, 1});
        assertSharesFollow(new int[] {1, 2});
        assertSharesFollow(new int[] {1, 256});
        assertSharesFollow(new int[] {256, 1, 1});
        assertSharesFollow(new int[] {5, 1, 1});
        assertSharesFollow(Fixtures.mixedWeights(100));
    }

    @Test
    void sharesOfRandomWeightsAreAsTheWeights() {
        long seed = 7;
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 8; round++) {
            assertSharesFollow(random.ints(2 + random.nextInt(60), 1, 257).toArray());
        }
    }
}
