package io.fairlead.core.flow;

import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.backend.FlowRefusal;
import io.fairlead.core.service.FlowRules;
import org.jspecify.annotations.Nullable;

/// Whether the limits of a service port have room for one more flow of TCP. Asking changes nothing.
public final class FlowLimits {

    private FlowLimits() {}

    /// Why a flow that came now would be reset; null when it would not be.
    ///
    /// @param clients of all event loops
    public static @Nullable FlowRefusal foresee(
            BackendGroup group, ClientLimits clients, FlowTuple flow) {
        FlowRules rules = group.rules();
        if (isFull(group)) {
            return FlowRefusal.MAX_FLOWS;
        }
        return rules.limitsClients() ? refusal(clients.foresee(group, flow, rules)) : null;
    }

    /// Whether a service port has as many flows as it may.
    public static boolean isFull(BackendGroup group) {
        int most = group.rules().maxFlows();
        return most != FlowRules.OFF && group.live() >= most;
    }

    /// What a slot of [ClientLimits] stands for; null when it is one.
    public static @Nullable FlowRefusal refusal(@Nullable ClientSlot slot) {
        if (slot == ClientLimits.TOO_MANY) {
            return FlowRefusal.MAX_FLOWS_PER_CLIENT;
        }
        return slot == ClientLimits.TOO_FAST ? FlowRefusal.FLOW_RATE_PER_CLIENT : null;
    }
}
