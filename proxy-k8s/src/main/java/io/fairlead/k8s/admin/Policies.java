package io.fairlead.k8s.admin;

import io.fairlead.core.service.Balancing;
import io.fairlead.core.table.BackendPool;

/// What balancing policies do, in a line for people.
final class Policies {

    private Policies() {}

    /// @param pool among which one is chosen
    static String rule(Balancing balancing, BackendPool pool) {
        return balancing.policy().word() + ": " + rule(balancing) + ", of " + pool.size();
    }

    private static String rule(Balancing balancing) {
        String bound =
                balancing.hashBalanceFactorPercent() == Balancing.UNBOUNDED
                        ? ""
                        : ", unless it has more than "
                                + balancing.hashBalanceFactorPercent()
                                + " % of the mean";
        return switch (balancing.policy()) {
            case LEAST_CONNECTIONS -> "the less loaded of two drawn by weight";
            case MAGLEV -> "the one that hashing the connection names" + bound;
            case SOURCE_HASH -> "the one that hashing the client's address names" + bound;
            case ROUND_ROBIN -> "the next in turn, by weight";
            case RANDOM -> "any, by weight";
        };
    }
}
