package io.fairlead.k8s.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The last changes of what is served, newest first: `/v1/changes`.
public record ChangesReport(List<Change> changes) {

    /// One change: what was applied at a time.
    ///
    /// @param services names of some of the Services that were added, changed or gone
    /// @param servedAfterSeconds from hearing of it to its being served
    /// @param applySeconds the part of that in which it was being applied
    /// @param sinceTriggerSeconds from the change of an endpoint in the cluster to its being
    ///   served, by what the control plane wrote; null where it wrote nothing
    public record Change(
            String at,
            long generation,
            int added,
            int changed,
            int gone,
            List<String> services,
            double servedAfterSeconds,
            double applySeconds,
            @Nullable Double sinceTriggerSeconds) {}
}
