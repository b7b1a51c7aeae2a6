package io.fairlead.core.balance;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.AddressPort;
import java.util.Arrays;

/// Which backend owns which part of the hash space, by Maglev's consistent hashing.
///
/// Eisenbud et al., "Maglev: A fast and reliable software network load balancer", NSDI 2016, 3.4:
/// each backend has its own permutation of the slots, and in turn takes the next one of it that is
/// free. A pure function of addresses and weights, not of their order: the same on every node.
/// Immutable.
public final class MaglevTable {

    // The primes next below powers of two, and 2^16 + 1, that Cilium and Katran offer too.
    private static final int[] SIZES = {251, 1_021, 4_093, 16_381, 65_537};

    /// Slots for the backend of least share: keeps shares within 1 % (NSDI 2016, 5.3).
    private static final int SLOTS_PER_BACKEND = 100;

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

    /// A table of a given size, which must be a prime; at least 100 times the backends for even
    /// shares.
    public static MaglevTable of(AddressPort[] addresses, int[] weights, int size) {
        return new MaglevTable(new MaglevFilling(addresses, weights, size).fill());
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

    public int size() {
        return owners.length;
    }

    /// The slot of a hash, by its high bits.
    public int slot(long hash) {
        return (int) Math.unsignedMultiplyHigh(hash, owners.length);
    }

    /// The slot that follows, the first one after the last.
    int after(int slot) {
        return slot + 1 == owners.length ? 0 : slot + 1;
    }

    /// The candidate that owns the first slot from the one of a hash on, or [BackendPicker#NONE].
    /// What a backend leaves goes to the others in proportion, for who is next in the table is as
    /// good as random.
    int ownerAmong(long hash, Candidates candidates) {
        int slot = slot(hash);
        for (int step = 0; step < owners.length; step++) {
            if (candidates.has(owners[slot])) {
                return owners[slot];
            }
            slot = after(slot);
        }
        return BackendPicker.NONE;
    }

    /// The index of the backend that owns a slot.
    public int owner(int slot) {
        return owners[slot];
    }
}
