package io.fairlead.core.balance;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.AddressPort;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// Which backend owns which part of the hash space, by Maglev's consistent hashing.
///
/// Eisenbud et al., "Maglev: A fast and reliable software network load balancer", NSDI 2016, 3.4:
/// each backend has its own permutation of the slots, and in turn takes the next one of it that is
/// free. A pure function of addresses and weights, not of their order: the same on every node.
/// Immutable.
final class MaglevTable {

    // The primes next below powers of two, and 2^16 + 1, that Cilium and Katran offer too.
    private static final int[] SIZES = {251, 1_021, 4_093, 16_381, 65_537};

    /// Slots for the backend of least share: keeps shares within 1 % (NSDI 2016, 5.3).
    private static final int SLOTS_PER_BACKEND = 100;

    /// As many as a slot can name. Backends beyond, in order of address, own nothing; there would
    /// be no slots for them either.
    private static final int MAX_BACKENDS = 1 << Character.SIZE;

    // Changing either moves every client of every service to another backend.
    private static final long OFFSET_SEED = 0x1319_8a2e_0370_7344L;
    private static final long SKIP_SEED = 0xa409_3822_299f_31d0L;

    private final char[] owners;

    private MaglevTable(char[] owners) {
        this.owners = owners;
    }

    static MaglevTable of(Backend[] backends, int[] weights) {
        AddressPort[] addresses =
                Arrays.stream(backends).map(Backend::at).toArray(AddressPort[]::new);
        return of(addresses, weights);
    }

    static MaglevTable of(AddressPort[] addresses, int[] weights) {
        return of(addresses, weights, sizeFor(weights));
    }

    /// A table of a given prime size.
    static MaglevTable of(AddressPort[] addresses, int[] weights, int size) {
        return new MaglevTable(new Filling(addresses, weights, size).fill());
    }

    private static int[] order(AddressPort[] addresses) {
        return IntStream.range(0, addresses.length)
                .boxed()
                .sorted(Comparator.comparing(i -> addresses[i]))
                .limit(MAX_BACKENDS)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /// The least size that gives 100 slots to the least share, or the largest there is. With equal
    /// weights: the least above 100 for each backend.
    static int sizeFor(int[] weights) {
        long total = Arrays.stream(weights).asLongStream().sum();
        int least = Arrays.stream(weights).min().orElse(1);
        for (int size : SIZES) {
            if ((long) size * least > SLOTS_PER_BACKEND * total) {
                return size;
            }
        }
        return SIZES[SIZES.length - 1];
    }

    int size() {
        return owners.length;
    }

    /// The slot of a hash, by its high bits.
    int slot(long hash) {
        return (int) Math.unsignedMultiplyHigh(hash, owners.length);
    }

    /// The index of the backend that owns a slot.
    int owner(int slot) {
        return owners[slot];
    }

    /// One table in the making.
    private static final class Filling {

        private final int size;
        private final int[] order;
        private final int[] weights;
        private final int[] next;
        private final int[] skip;
        private final boolean[] taken;

        Filling(AddressPort[] addresses, int[] weights, int size) {
            this.size = size;
            this.order = order(addresses);
            this.weights = new int[order.length];
            this.next = new int[order.length];
            this.skip = new int[order.length];
            this.taken = new boolean[size];
            for (int i = 0; i < order.length; i++) {
                this.weights[i] = weights[order[i]];
                AddressPort at = addresses[order[i]];
                next[i] = Math.toIntExact(Long.remainderUnsigned(hash(OFFSET_SEED, at), size));
                skip[i] =
                        Math.toIntExact(Long.remainderUnsigned(hash(SKIP_SEED, at), size - 1) + 1);
            }
        }

        private static long hash(long seed, AddressPort at) {
            long address =
                    FlowHash.fold(FlowHash.fold(seed, at.address().high()), at.address().low());
            return FlowHash.fold(address, at.port());
        }

        /// Rounds of turns until no slot is free. The heaviest have a turn in every round, the
        /// others as often as their weight is of the heaviest; in the first round, all have one.
        char[] fill() {
            char[] owners = new char[size];
            int heaviest = Arrays.stream(weights).max().orElseThrow();
            int[] credit = Arrays.stream(weights).map(w -> heaviest - w).toArray();
            int free = size;
            while (true) {
                for (int i = 0; i < order.length; i++) {
                    credit[i] += weights[i];
                    if (credit[i] >= heaviest) {
                        credit[i] -= heaviest;
                        owners[takeSlot(i)] = (char) order[i];
                        if (--free == 0) {
                            return owners;
                        }
                    }
                }
            }
        }

        private int takeSlot(int i) {
            int step = skip[i];
            int slot = next[i];
            while (taken[slot]) {
                slot = after(slot, step);
            }
            taken[slot] = true;
            next[i] = after(slot, step);
            return slot;
        }

        private int after(int slot, int step) {
            int next = slot + step;
            return next >= size ? next - size : next;
        }
    }
}
