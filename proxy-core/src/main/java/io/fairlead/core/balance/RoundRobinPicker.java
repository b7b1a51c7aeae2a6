package io.fairlead.core.balance;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/// Each backend in its turn, all event loops together, in proportion to weights.
///
/// Starts anywhere, so that many service ports, nodes and table generations do not all begin with
/// the first backend.
final class RoundRobinPicker implements BackendPicker {

    private final TurnSchedule schedule;
    // Advanced by every event loop; a long does not wrap in the life of a process.
    private final AtomicLong turn;

    RoundRobinPicker(int[] weights) {
        this(weights, ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE));
    }

    RoundRobinPicker(int[] weights, long firstTurn) {
        this.schedule = TurnSchedule.of(weights);
        this.turn = new AtomicLong(firstTurn);
    }

    @Override
    public int pick(long hash) {
        return schedule.at(turn.getAndIncrement());
    }

    @Override
    public int foresee(long hash) {
        return schedule.at(turn.get());
    }

    @Override
    public HashKey hashKey() {
        return HashKey.NONE;
    }
}
