package io.fairlead.core.balance;

import java.util.Arrays;

/// Turns a random number into an index, each index in proportion to its weight.
///
/// The alias method in the form of Vose ("A linear algorithm for generating random numbers with a
/// given distribution", 1991): one multiplication for the column, one comparison for its owner.
/// Built in whole numbers; a share is exact to 2^-31. Immutable.
final class WeightedSampler {

    private static final int COIN_BITS = 31;

    private final int columns;
    // Of each column, the part out of 2^31 that is its own; the rest is its alias's. Empty where
    // all weights are equal and no column has an alias.
    private final int[] own;
    private final int[] alias;

    private WeightedSampler(int columns, int[] own, int[] alias) {
        this.columns = columns;
        this.own = own;
        this.alias = alias;
    }

    static WeightedSampler of(int[] weights) {
        if (Arrays.stream(weights).allMatch(w -> w == weights[0])) {
            return new WeightedSampler(weights.length, new int[0], new int[0]);
        }
        return weighted(weights);
    }

    private static WeightedSampler weighted(int[] weights) {
        int n = weights.length;
        long total = Arrays.stream(weights).asLongStream().sum();
        // A column holds `total`; an index fills n times its weight. Those that fill less than one
        // column are topped up by those that fill more.
        long[] fill = new long[n];
        int[] own = new int[n];
        int[] alias = new int[n];
        int[] work = new int[n]; // the poor from the left, the rich from the right
        int poor = 0;
        int rich = n;
        for (int i = 0; i < n; i++) {
            fill[i] = (long) weights[i] * n;
            alias[i] = i;
            if (fill[i] < total) {
                work[poor++] = i;
            } else {
                work[--rich] = i;
            }
        }
        while (poor > 0 && rich < n) {
            int taker = work[--poor];
            int giver = work[rich];
            own[taker] = (int) ((fill[taker] << COIN_BITS) / total);
            alias[taker] = giver;
            fill[giver] -= total - fill[taker];
            if (fill[giver] < total) {
                work[poor++] = giver;
                rich++;
            }
        }
        return new WeightedSampler(n, own, alias);
    }

    /// Number of indexes.
    int size() {
        return columns;
    }

    /// The index that 64 random bits stand for.
    int sample(long random) {
        int column = (int) Math.unsignedMultiplyHigh(random, columns);
        if (own.length == 0) {
            return column;
        }
        // What the multiplication leaves over is as random, and says where in the column we are.
        int coin = (int) ((random * columns) >>> (Long.SIZE - COIN_BITS));
        return coin < own[column] ? column : alias[column];
    }
}
