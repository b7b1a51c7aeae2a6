package io.fairlead.core.service;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// How a service port chooses among its backends.
///
/// @param hashBalanceFactorPercent for [Policy#MAGLEV] and [Policy#SOURCE_HASH], the live flows a
///   backend may have relative to the mean before a flow goes to the next one in its table; above
///   100, or [#UNBOUNDED]
public record Balancing(Policy policy, int hashBalanceFactorPercent) {

    /// No bound on the load of a backend that hashing chose.
    public static final int UNBOUNDED = 0;

    /// Least connections: what Services get that name nothing else.
    public static final Balancing DEFAULT = of(Policy.LEAST_CONNECTIONS);

    /// The algorithm.
    public enum Policy {
        LEAST_CONNECTIONS,
        MAGLEV,
        ROUND_ROBIN,
        RANDOM,
        SOURCE_HASH;

        private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

        /// The policy's name in annotations and configuration, such as `round-robin`.
        public String word() {
            return word;
        }

        /// The policy of that exact name.
        public static Optional<Policy> ofWord(String word) {
            return Arrays.stream(values()).filter(p -> p.word.equals(word)).findFirst();
        }
    }

    public Balancing {
        if (hashBalanceFactorPercent != UNBOUNDED && hashBalanceFactorPercent <= 100) {
            throw new IllegalArgumentException(
                    "hash balance factor "
                            + hashBalanceFactorPercent
                            + " is not above 100 percent");
        }
    }

    public static Balancing of(Policy policy) {
        return new Balancing(policy, UNBOUNDED);
    }
}
