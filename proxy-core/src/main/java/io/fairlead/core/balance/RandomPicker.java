package io.fairlead.core.balance;

import java.util.concurrent.ThreadLocalRandom;

/// Any backend, in proportion to its weight.
final class RandomPicker implements BackendPicker {

    private final WeightedSampler sampler;

    RandomPicker(int[] weights) {
        this.sampler = WeightedSampler.of(weights);
    }

    // The thread's own generator, not the flow hash: that one has a public seed, so that a client
    // could aim by its choice of port, and a retry would meet the same backend. It is a field of
    // the thread: no allocation, nothing shared.
    @Override
    public int pick(long hash) {
        return sampler.sample(ThreadLocalRandom.current().nextLong());
    }

    @Override
    public int pickAmong(long hash, Candidates candidates) {
        return AnyCandidate.sample(sampler, candidates);
    }

    @Override
    public HashKey hashKey() {
        return HashKey.NONE;
    }
}
