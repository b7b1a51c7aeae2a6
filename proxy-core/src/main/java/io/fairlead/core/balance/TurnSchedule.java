package io.fairlead.core.balance;

import java.util.Arrays;

/// An endless sequence of indexes, each in proportion to its weight and evenly spread.
///
/// A period gives each index its turns at equal distances. The indexes start at different phases,
/// multiples of the golden ratio (Weyl's sequence), so that the turns of light ones do not bunch up
/// and break the run of heavy ones in one place only. Immutable.
final class TurnSchedule {

    /// Longest period, 1 MiB of indexes: exact for any weights up to 1,024 indexes; beyond, weights
    /// are rounded to fit, to at least one turn each.
    static final int MAX_PERIOD = 1 << 18;

    private static final int TIME_BITS = 40;
    private static final int INDEX_BITS = Long.SIZE - 1 - TIME_BITS;
    // 2^64 over the golden ratio.
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private final int period;
    // Empty where all weights are equal: the period is then the indexes themselves.
    private final int[] turns;

    private TurnSchedule(int period, int[] turns) {
        this.period = period;
        this.turns = turns;
    }

    static TurnSchedule of(int[] weights) {
        int[] shares = shares(weights);
        if (Arrays.stream(shares).allMatch(s -> s == shares[0])) {
            return new TurnSchedule(shares.length, new int[0]);
        }
        int[] turns = turns(shares);
        return new TurnSchedule(turns.length, turns);
    }

    /// The least whole turns per period that are as the weights.
    private static int[] shares(int[] weights) {
        int divisor = Arrays.stream(weights).reduce(0, TurnSchedule::gcd);
        int[] shares = Arrays.stream(weights).map(w -> w / divisor).toArray();
        long total = Arrays.stream(shares).asLongStream().sum();
        return total <= MAX_PERIOD
                ? shares
                : Arrays.stream(shares)
                        .map(s -> Math.max(1, (int) ((long) s * MAX_PERIOD / total)))
                        .toArray();
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    private static int[] turns(int[] shares) {
        long[] byTime = new long[Arrays.stream(shares).sum()];
        int next = 0;
        for (int i = 0; i < shares.length; i++) {
            long phase = (i * GOLDEN) >>> (Long.SIZE - TIME_BITS);
            for (long k = 0; k < shares[i]; k++) {
                long time = ((k << TIME_BITS) + phase) / shares[i];
                byTime[next++] = time << INDEX_BITS | i;
            }
        }
        Arrays.sort(byTime);
        int[] turns = new int[byTime.length];
        for (int t = 0; t < turns.length; t++) {
            turns[t] = (int) (byTime[t] & (1L << INDEX_BITS) - 1);
        }
        return turns;
    }

    /// Whose turn it is; `turn` counts from 0 and is never negative.
    int at(long turn) {
        int inPeriod = (int) (turn % period);
        return turns.length == 0 ? inPeriod : turns[inPeriod];
    }

    int period() {
        return period;
    }
}
