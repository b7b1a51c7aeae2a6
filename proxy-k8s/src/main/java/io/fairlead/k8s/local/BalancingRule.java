package io.fairlead.k8s.local;

import io.fairlead.core.service.Balancing;
import io.fairlead.k8s.cluster.ProblemList;
import io.fairlead.k8s.cluster.ServiceSpec;
import io.fairlead.k8s.cluster.ServiceTraits;

/// How a Service balances: by its annotations, else by the node's default.
record BalancingRule(Balancing balancing) {

    static BalancingRule of(ServiceSpec service, LocalOptions options, ProblemList problems) {
        ServiceTraits traits = service.traits();
        Balancing byDefault = options.defaultBalancing();
        Balancing.Policy policy = traits.balance() == null ? byDefault.policy() : traits.balance();
        int factor = traits.hashBalanceFactorPercent();
        if (!hashes(policy)) {
            if (factor != Balancing.UNBOUNDED) {
                problems.add(
                        service.key(),
                        "metadata.annotations[fairlead.io/hash-balance-factor]",
                        "'%d' has no effect with %s; use maglev or source-hash, or remove it"
                                .formatted(factor, policy.word()));
            }
            return new BalancingRule(Balancing.of(policy));
        }
        if (factor == Balancing.UNBOUNDED) {
            factor = byDefault.hashBalanceFactorPercent();
        }
        return new BalancingRule(new Balancing(policy, factor));
    }

    private static boolean hashes(Balancing.Policy policy) {
        return policy == Balancing.Policy.MAGLEV || policy == Balancing.Policy.SOURCE_HASH;
    }
}
