package io.fairlead.k8s;

import io.fairlead.core.balance.AffinityTable;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.tcp.TcpOptions;
import java.time.Duration;

/// How flows live.
///
/// @param rules for Services that say nothing of it
/// @param tcp what holds for all of them
/// @param stopDrain how long those that are open go on when the agent is told to stop
/// @param affinityClients how many clients may stick to their endpoints at a time
public record FlowOptions(
        FlowRules rules, TcpOptions tcp, Duration stopDrain, int affinityClients) {

    /// As kube-proxy, but that the end of the agent is the end of its flows: five minutes for them.
    public static final FlowOptions DEFAULT =
            new FlowOptions(
                    FlowRules.NONE,
                    TcpOptions.DEFAULT,
                    Duration.ofMinutes(5),
                    AffinityTable.DEFAULT_CAPACITY);

    public FlowOptions withRules(FlowRules byDefault) {
        return new FlowOptions(byDefault, tcp, stopDrain, affinityClients);
    }

    public FlowOptions withTcp(TcpOptions all) {
        return new FlowOptions(rules, all, stopDrain, affinityClients);
    }

    public FlowOptions withStopDrain(Duration time) {
        return new FlowOptions(rules, tcp, time, affinityClients);
    }

    public FlowOptions withAffinityClients(int most) {
        return new FlowOptions(rules, tcp, stopDrain, most);
    }
}
