package io.fairlead.core.balance;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.BackendSpec;
import io.fairlead.core.service.Balancing;

/// Chooses a backend for a new flow.
///
/// Built once per table generation, then only read: safe on every event loop, allocates nothing,
/// takes no lock.
public sealed interface BackendPicker
        permits SolePicker,
                LeastConnectionsPicker,
                RandomPicker,
                RoundRobinPicker,
                MaglevPicker,
                BoundedMaglevPicker {

    /// In place of an index: no backend is a candidate.
    int NONE = -1;

    /// Index into the backends that the picker was built from.
    ///
    /// @param hash what [#hashKey] asks for, from [FlowHash]; anything where it asks for nothing
    int pick(long hash);

    /// Index of a backend among candidates, or [#NONE]: the choice where the one of [#pick] cannot
    /// be had.
    ///
    /// Where the policy hashes, it is a function of `hash` and the candidates: the same on every
    /// node.
    int pickAmong(long hash, Candidates candidates);

    HashKey hashKey();

    /// The picker of a policy.
    ///
    /// @param clientAffinity whether the service port has ClientIP affinity: Maglev then hashes the
    ///   client's address, so that nodes agree also on clients that they have not seen
    /// @param backends kept, not copied; in the order of a backend set
    /// @param weights one for each backend, 1 to [BackendSpec#MAX_WEIGHT]
    static BackendPicker of(
            Balancing balancing, boolean clientAffinity, Backend[] backends, int[] weights) {
        check(backends, weights);
        if (backends.length == 1) {
            return SolePicker.INSTANCE;
        }
        return switch (balancing.policy()) {
            case LEAST_CONNECTIONS -> new LeastConnectionsPicker(backends, weights);
            case RANDOM -> new RandomPicker(weights);
            case ROUND_ROBIN -> new RoundRobinPicker(weights);
            case MAGLEV ->
                    hashing(
                            balancing,
                            clientAffinity ? HashKey.CLIENT : HashKey.TUPLE,
                            backends,
                            weights);
            case SOURCE_HASH -> hashing(balancing, HashKey.CLIENT, backends, weights);
        };
    }

    private static BackendPicker hashing(
            Balancing balancing, HashKey key, Backend[] backends, int[] weights) {
        MaglevTable table = MaglevTable.of(backends, weights);
        return balancing.hashBalanceFactorPercent() == Balancing.UNBOUNDED
                ? new MaglevPicker(table, key)
                : new BoundedMaglevPicker(
                        table, key, backends, weights, balancing.hashBalanceFactorPercent());
    }

    private static void check(Backend[] backends, int[] weights) {
        if (backends.length == 0 || backends.length != weights.length) {
            throw new IllegalArgumentException(
                    backends.length + " backends with " + weights.length + " weights");
        }
        for (int weight : weights) {
            if (weight < 1 || weight > BackendSpec.MAX_WEIGHT) {
                throw new IllegalArgumentException(
                        "weight " + weight + " is not within 1 and " + BackendSpec.MAX_WEIGHT);
            }
        }
    }
}
