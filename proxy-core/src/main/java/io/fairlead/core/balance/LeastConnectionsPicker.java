package io.fairlead.core.balance;

import io.fairlead.core.backend.Backend;
import java.util.concurrent.ThreadLocalRandom;

/// The less loaded of two backends, by live flows per weight.
///
/// Power of two choices (Mitzenmacher, "The power of two choices in randomized load balancing",
/// 2001): nearly as even as asking all, at the cost of two reads, and without the herd that runs to
/// the one least loaded. The first candidate is sampled by weight and keeps the flow unless the
/// second is truly better, so an idle service is split at random and by weight.
final class LeastConnectionsPicker implements BackendPicker {

    private final Backend[] backends;
    private final int[] weights;
    private final WeightedSampler sampler;

    LeastConnectionsPicker(Backend[] backends, int[] weights) {
        this.backends = backends;
        this.weights = weights.clone();
        this.sampler = WeightedSampler.of(weights);
    }

    // For the choice of generator see RandomPicker.
    @Override
    public int pick(long hash) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return choose(random.nextLong(), random.nextLong());
    }

    /// By the same rule, of two candidates by weight.
    @Override
    public int pickAmong(long hash, Candidates candidates) {
        int first = AnyCandidate.sample(sampler, candidates);
        if (first == NONE) {
            return NONE;
        }
        int second = AnyCandidate.sample(sampler, candidates);
        return second != NONE && second != first && advantage(first, second) < 0 ? second : first;
    }

    @Override
    public HashKey hashKey() {
        return HashKey.NONE;
    }

    /// The choice that two random numbers stand for.
    ///
    /// Without a branch: each outcome is a coin toss, and a wrong guess costs the processor as much
    /// as the rest of the pick (PickBenchmark).
    int choose(long firstRandom, long secondRandom) {
        int first = sampler.sample(firstRandom);
        int second = (int) Math.unsignedMultiplyHigh(secondRandom, backends.length - 1);
        second += (first - 1 - second) >>> 31; // any but the first: one on from there
        int replace = (int) (advantage(first, second) >> 63);
        return first ^ ((first ^ second) & replace);
    }

    /// Negative when the challenger, with the new flow on it, is loaded no more than the holder is
    /// now.
    ///
    /// Between equal weights that is: has fewer flows. Between unequal ones the new flow must
    /// count, or an idle backend of weight 1 would beat one of weight 100 that holds a single flow.
    private long advantage(int holder, int challenger) {
        return (backends[challenger].live() + 1L) * weights[holder]
                - (long) backends[holder].live() * weights[challenger]
                - 1;
    }
}
