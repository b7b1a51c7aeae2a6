package io.fairlead.core.balance;

import io.fairlead.core.service.AddressPort;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// One [MaglevTable] in the making.
///
/// Turns go round and round; whose turn it is takes the next slot of its permutation that is free.
/// That is found by trying one after the other, until few slots are left: to hit one of the last f
/// out of M takes M / f tries, and half of all tries would go into the last sqrt(M) slots. For
/// those the order is turned round: which of the free slots does the permutation reach first?
final class MaglevFilling {

    /// As many as a slot can name. Backends beyond, in order of address, own nothing; there would
    /// be no slots for them either.
    private static final int MAX_BACKENDS = 1 << Character.SIZE;

    // Changing either moves every client of every service to another backend.
    private static final long OFFSET_SEED = 0x1319_8a2e_0370_7344L;
    private static final long SKIP_SEED = 0xa409_3822_299f_31d0L;

    private final int size;
    private final char[] owners;
    private final boolean[] taken;

    // By order of address: index among the backends, weight, the slot to try next, and the distance
    // to the one after it.
    private final int[] order;
    private final int[] weights;
    private final int[] next;
    private final int[] skip;

    private final int[] credit;
    private final int heaviest;
    private int turn = -1;

    MaglevFilling(AddressPort[] addresses, int[] weights, int size) {
        this.size = size;
        this.owners = new char[size];
        this.taken = new boolean[size];
        this.order = order(addresses);
        this.weights = Arrays.stream(order).map(i -> weights[i]).toArray();
        this.next = Arrays.stream(order).map(i -> hash(OFFSET_SEED, addresses[i], size)).toArray();
        this.skip =
                Arrays.stream(order)
                        .map(i -> 1 + hash(SKIP_SEED, addresses[i], size - 1))
                        .toArray();
        this.heaviest = Arrays.stream(weights).max().orElseThrow();
        // In the first round, all have a turn.
        this.credit = Arrays.stream(this.weights).map(w -> heaviest - w).toArray();
    }

    private static int[] order(AddressPort[] addresses) {
        return IntStream.range(0, addresses.length)
                .boxed()
                .sorted(Comparator.comparing(i -> addresses[i]))
                .limit(MAX_BACKENDS)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static int hash(long seed, AddressPort at, int bound) {
        long hash = FlowHash.fold(FlowHash.fold(seed, at.address().high()), at.address().low());
        return (int) Long.remainderUnsigned(FlowHash.fold(hash, at.port()), bound);
    }

    char[] fill() {
        int last = (int) Math.sqrt(size);
        for (int free = size; free > last; free--) {
            int i = nextTurn();
            take(i, tryInOrder(i));
        }
        fillLast(last);
        return owners;
    }

    private void fillLast(int count) {
        int[] free = IntStream.range(0, size).filter(slot -> !taken[slot]).toArray();
        for (int left = count; left > 0; left--) {
            int i = nextTurn();
            int first = firstReached(free, left, i);
            take(i, free[first]);
            free[first] = free[left - 1];
        }
    }

    /// The heaviest have a turn in every round, others as often as their weight is of the heaviest.
    private int nextTurn() {
        while (true) {
            turn = turn + 1 == order.length ? 0 : turn + 1;
            credit[turn] += weights[turn];
            if (credit[turn] >= heaviest) {
                credit[turn] -= heaviest;
                return turn;
            }
        }
    }

    private void take(int i, int slot) {
        owners[slot] = (char) order[i];
        taken[slot] = true;
        next[i] = after(slot, skip[i]);
    }

    private int tryInOrder(int i) {
        int step = skip[i];
        int slot = next[i];
        while (taken[slot]) {
            slot = after(slot, step);
        }
        return slot;
    }

    private int after(int slot, int step) {
        int sum = slot + step;
        return sum >= size ? sum - size : sum;
    }

    /// Which of the first `count` free slots a permutation reaches first.
    ///
    /// It reaches a slot after (slot - next) / skip steps, modulo the size. Only their order
    /// counts, so steps are kept as a fraction of the size in 64 bits, whose overflow is the
    /// modulus: they are 2^47 apart, and the fraction's rounding adds up to less than 2^34.
    private int firstReached(int[] free, int count, int i) {
        long perSlot = Long.divideUnsigned(-1L, size) * inverse(skip[i], size);
        int from = next[i];
        int first = 0;
        long fewest = -1L;
        for (int k = 0; k < count; k++) {
            long steps = (free[k] - from) * perSlot;
            if (Long.compareUnsigned(steps, fewest) < 0) {
                fewest = steps;
                first = k;
            }
        }
        return first;
    }

    /// The x with a * x = 1 modulo a prime: Euclid's algorithm, extended.
    private static int inverse(int a, int prime) {
        int x = 1;
        int previousX = 0;
        int remainder = a;
        int previous = prime;
        while (remainder > 1) {
            int quotient = previous / remainder;
            int nextRemainder = previous - quotient * remainder;
            int nextX = previousX - quotient * x;
            previous = remainder;
            remainder = nextRemainder;
            previousX = x;
            x = nextX;
        }
        return x < 0 ? x + prime : x;
    }
}
