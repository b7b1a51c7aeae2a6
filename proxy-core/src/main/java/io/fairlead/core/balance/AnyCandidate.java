package io.fairlead.core.balance;

import java.util.concurrent.ThreadLocalRandom;

/// Ways to find a candidate by chance.
final class AnyCandidate {

    /// Draws before all are asked in turn: with half of the weight on candidates, one flow in
    /// 65,536 comes to that.
    private static final int DRAWS = 16;

    private AnyCandidate() {}

    /// A candidate in proportion to weights, or [BackendPicker#NONE].
    static int sample(WeightedSampler sampler, Candidates candidates) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (int i = 0; i < DRAWS; i++) {
            int index = sampler.sample(random.nextLong());
            if (candidates.has(index)) {
                return index;
            }
        }
        return next(random.nextInt(sampler.size()), sampler.size(), candidates);
    }

    /// The first candidate from `start` on, once around, or [BackendPicker#NONE].
    static int next(int start, int size, Candidates candidates) {
        for (int i = 0; i < size; i++) {
            int index = (start + i) % size;
            if (candidates.has(index)) {
                return index;
            }
        }
        return BackendPicker.NONE;
    }
}
