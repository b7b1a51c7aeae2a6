package io.fairlead.k8s.admin;

import io.fairlead.core.backend.FlowRefusal;
import io.fairlead.core.service.FlowRules;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What limits of a Service mean for one client, in words.
final class Limits {

    private Limits() {}

    /// Empty where nothing is limited.
    ///
    /// @param live flows of the service port
    /// @param over the limit that has no room; null for none
    static String finding(FlowRules rules, int live, @Nullable FlowRefusal over) {
        if (over != null) {
            return switch (over) {
                case MAX_FLOWS ->
                        "the Service has as many connections as max-connections allows: "
                                + rules.maxFlows();
                case MAX_FLOWS_PER_CLIENT ->
                        "the client has as many connections as max-connections-per-client allows: "
                                + rules.maxFlowsPerClient();
                case FLOW_RATE_PER_CLIENT ->
                        "the client opened as many connections as connection-rate-per-client"
                                + " allows: "
                                + rules.flowRatePerClient()
                                + " in a second";
                case GONE, NOT_SERVED -> "";
            };
        }
        List<String> within = new ArrayList<>();
        if (rules.maxFlows() != FlowRules.OFF) {
            within.add("max-connections " + rules.maxFlows() + ", of which are " + live);
        }
        if (rules.maxFlowsPerClient() != FlowRules.OFF) {
            within.add("max-connections-per-client " + rules.maxFlowsPerClient());
        }
        if (rules.flowRatePerClient() != FlowRules.OFF) {
            within.add("connection-rate-per-client " + rules.flowRatePerClient());
        }
        return within.isEmpty() ? "" : "within " + String.join("; ", within);
    }
}
