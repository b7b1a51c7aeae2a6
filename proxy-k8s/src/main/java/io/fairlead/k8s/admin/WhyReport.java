package io.fairlead.k8s.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What becomes of a client at a VIP, and why: `/v1/why`.
///
/// @param outcome `led`, `refused`, or `not served` where Fairlead has no part in it
/// @param summary one line that says it all
/// @param service service port that serves the VIP; null where none does
/// @param backend where the next flow goes; null where chance decides, or nowhere
/// @param steps the decision in its order
/// @param backends all endpoints, and why those are left out that are
public record WhyReport(
        String client,
        String vip,
        String protocol,
        String outcome,
        String summary,
        @Nullable String service,
        @Nullable String backend,
        List<Step> steps,
        List<Backend> backends) {

    /// One step of the decision.
    public record Step(String about, String finding) {}

    /// One backend.
    ///
    /// @param eligible whether the next flow may be led to it
    /// @param why what speaks against it, or for it; may be empty
    public record Backend(
            String address,
            String node,
            String state,
            boolean eligible,
            String why,
            long liveFlows) {}
}
