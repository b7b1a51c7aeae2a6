package io.fairlead.k8s.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Some live flows: `/v1/flows`.
///
/// @param complete whether these are all that match
public record FlowsReport(boolean complete, List<Flow> flows) {

    /// One flow.
    ///
    /// @param source the address that the backend sees; null when it is not known
    /// @param receivedBytes from the client
    /// @param returnedBytes from the backend
    public record Flow(
            String protocol,
            String client,
            String vip,
            String service,
            String backend,
            @Nullable String source,
            double ageSeconds,
            long receivedBytes,
            long returnedBytes,
            String state) {}
}
