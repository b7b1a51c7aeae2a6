package io.fairlead.core.balance;

import io.fairlead.core.backend.Backend;
import java.util.Arrays;

/// The backend that owns a hash, or the next one in the table that has room for another flow.
///
/// Bounded loads (Mirrokni, Thorup, Zadimoghaddam, "Consistent hashing with bounded loads", 2018):
/// with m flows among the backends, the new one included, a backend takes at most its share of m
/// times the factor, rounded up. Some backend always has room: were all full, they would hold more
/// flows than there are.
///
/// A pick adds up the live flows of all its backends. The service port's own sum would cost one
/// read but also counts backends that drain or that stand in another set, which would lift the
/// bound whenever a rollout drains slowly. Event loops that pick at the same moment may each put
/// one flow over the bound.
final class BoundedMaglevPicker implements BackendPicker {

    /// A factor beyond this is no bound; less keeps the arithmetic within a long.
    private static final int MAX_FACTOR_PERCENT = 1_000_000;

    private final MaglevTable table;
    private final HashKey key;
    private final Backend[] backends;
    private final int[] weights;
    private final int factorPercent;
    private final long totalWeight;

    BoundedMaglevPicker(
            MaglevTable table, HashKey key, Backend[] backends, int[] weights, int factorPercent) {
        this.table = table;
        this.key = key;
        this.backends = backends;
        this.weights = weights.clone();
        this.factorPercent = Math.min(factorPercent, MAX_FACTOR_PERCENT);
        this.totalWeight = Arrays.stream(weights).asLongStream().sum();
    }

    @Override
    public int pick(long hash) {
        int slot = table.slot(hash);
        int owner = table.owner(slot);
        long flows = 1 + liveFlows();
        // At most once around: counts that change meanwhile may hide the room there was.
        for (int step = 0; step < table.size(); step++) {
            int candidate = table.owner(slot);
            if (hasRoom(candidate, flows)) {
                return candidate;
            }
            slot = table.after(slot);
        }
        return owner;
    }

    /// The next candidate with room, or else the next one: flows that were meant for others come on
    /// top of what the bound was reckoned for.
    @Override
    public int pickAmong(long hash, Candidates candidates) {
        long flows = 1 + liveFlows();
        int slot = table.slot(hash);
        for (int step = 0; step < table.size(); step++) {
            int candidate = table.owner(slot);
            if (candidates.has(candidate) && hasRoom(candidate, flows)) {
                return candidate;
            }
            slot = table.after(slot);
        }
        return table.ownerAmong(hash, candidates);
    }

    @Override
    public HashKey hashKey() {
        return key;
    }

    private long liveFlows() {
        long sum = 0;
        for (Backend backend : backends) {
            sum += backend.live();
        }
        return sum;
    }

    // live + 1 <= ceil(x) is live < x.
    private boolean hasRoom(int index, long flows) {
        return backends[index].live() * 100L * totalWeight < flows * factorPercent * weights[index];
    }
}
