package io.fairlead.core.balance;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/// Each backend in its turn, all event loops together, in proportion to weights.
///
/// Starts anywhere, so that many service ports, nodes and table generations do not all begin with
/// the first backend.
final class RoundRobinPicker implements BackendPicker {

    /// Turns that a flow passes over before it goes by the order of addresses.
    private static final int MAX_SKIPPED = 64;

    private final TurnSchedule schedule;
    private final int backends;
    // Advanced by every event loop; a long does not wrap in the life of a process.
    private final AtomicLong turn;

    // What backends leave that cannot be had goes round by itself: with the turns above, a flow
    // that skips to a good backend would leave the next one at a bad one again.
    private final AtomicLong turnInstead = new AtomicLong();

    RoundRobinPicker(int[] weights) {
        this(weights, ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE));
    }

    RoundRobinPicker(int[] weights, long firstTurn) {
        this.schedule = TurnSchedule.of(weights);
        this.backends = weights.length;
        this.turn = new AtomicLong(firstTurn);
    }

    @Override
    public int pick(long hash) {
        return schedule.at(turn.getAndIncrement());
    }

    @Override
    public int pickAmong(long hash, Candidates candidates) {
        for (int i = 0; i < MAX_SKIPPED; i++) {
            int index = schedule.at(turnInstead.getAndIncrement());
            if (candidates.has(index)) {
                return index;
            }
        }
        return AnyCandidate.next(schedule.at(turnInstead.get()), backends, candidates);
    }

    @Override
    public HashKey hashKey() {
        return HashKey.NONE;
    }
}
