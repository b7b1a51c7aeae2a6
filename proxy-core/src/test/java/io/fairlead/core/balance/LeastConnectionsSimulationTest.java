package io.fairlead.core.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fairlead.core.backend.Backend;
import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Flows that come and go in virtual time: arrivals and durations are exponential.
class LeastConnectionsSimulationTest {

    private static final int WARM_UP = 20_000;
    private static final int FLOWS = 200_000;

    /// A flow in the queue of ends.
    private record End(double time, int backend) {}

    private final PriorityQueue<End> ends =
            new PriorityQueue<>((a, b) -> Double.compare(a.time, b.time));

    // Most flows over fewest, at the worst moment after the warm-up.
    private double worstSpread;

    /// Mean live flows of each backend, seen by arriving flows after the warm-up.
    private double[] meanLive(int[] weights, double[] durations, double rate, long seed) {
        Backend[] backends = Fixtures.backends(weights.length);
        LeastConnectionsPicker picker = new LeastConnectionsPicker(backends, weights);
        SplittableRandom random = new SplittableRandom(seed);
        double[] sums = new double[weights.length];
        ends.clear();
        worstSpread = 1;
        double now = 0;
        for (int flow = 0; flow < FLOWS; flow++) {
            now += exponential(random, 1 / rate);
            endUntil(now, backends);
            int picked = picker.choose(random.nextLong(), random.nextLong());
            backends[picked].acquire();
            ends.add(new End(now + exponential(random, durations[picked]), picked));
            if (flow >= WARM_UP) {
                sample(backends, sums);
            }
        }
        return Arrays.stream(sums).map(s -> s / (FLOWS - WARM_UP)).toArray();
    }

    private void sample(Backend[] backends, double[] sums) {
        int most = 0;
        int least = Integer.MAX_VALUE;
        for (int i = 0; i < sums.length; i++) {
            int live = backends[i].live();
            sums[i] += live;
            most = Math.max(most, live);
            least = Math.min(least, live);
        }
        worstSpread = Math.max(worstSpread, (double) most / least);
    }

    private void endUntil(double now, Backend[] backends) {
        for (End end = ends.peek(); end != null && end.time <= now; end = ends.peek()) {
            backends[end.backend].release();
            ends.remove();
        }
    }

    private static double exponential(SplittableRandom random, double mean) {
        return -mean * Math.log(1 - random.nextDouble());
    }

    /// At every moment, not only on average; about 33 flows each.
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void aBackendTenTimesSlowerHoldsAtMostTwiceTheFlows(long seed) {
        double[] ofTen = new double[10];
        Arrays.fill(ofTen, 1);
        ofTen[4] = 10;
        meanLive(Fixtures.equalWeights(10), ofTen, 300, seed);
        assertThat(worstSpread).as("one of ten").isLessThan(2);
        meanLive(Fixtures.equalWeights(2), new double[] {1, 10}, 60, seed);
        assertThat(worstSpread).as("one of two").isLessThan(2);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void liveFlowsFollowWeights(long seed) {
        int[] weights = {1, 2, 3, 4};
        double[] durations = {1, 1, 1, 1};
        for (double rate : new double[] {20, 400}) {
            double[] live = meanLive(weights, durations, rate, seed);
            double total = Arrays.stream(live).sum();
            for (int i = 0; i < weights.length; i++) {
                double expected = total * weights[i] / 10;
                assertThat(live[i])
                        .as("rate %s, %s", rate, Arrays.toString(live))
                        .isCloseTo(expected, within(0.05 * expected));
            }
        }
    }
}
