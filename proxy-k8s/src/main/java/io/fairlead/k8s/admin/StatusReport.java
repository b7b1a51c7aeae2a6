package io.fairlead.k8s.admin;

import io.fairlead.k8s.cluster.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How it stands with an agent: `/v1/status`.
///
/// @param capture how clients reach it, and whose address backends see
/// @param api how it stands with the API server; null where there is none
/// @param ejectedCount backends that flows are led round now
/// @param ejected the first of them
/// @param problemCount how many problems there are
/// @param problems the first of them
public record StatusReport(
        String version,
        String commit,
        String node,
        String source,
        String started,
        double upSeconds,
        String capture,
        String transport,
        int eventLoops,
        State state,
        @Nullable Api api,
        Totals totals,
        int ejectedCount,
        List<Ejected> ejected,
        int problemCount,
        List<Problem> problems) {

    /// What is served, and how old it is.
    ///
    /// @param generation how many states have been applied
    /// @param appliedSecondsAgo null before the first
    /// @param waitingSeconds how long there has been something to apply; 0 when there is nothing
    public record State(
            long generation,
            @Nullable Double appliedSecondsAgo,
            double lastApplySeconds,
            double waitingSeconds) {}

    /// The API server.
    ///
    /// @param stale whether what is served is of a checkpoint that it has not confirmed
    public record Api(double contactAgeSeconds, boolean watching, boolean stale) {}

    /// A backend that flows are led round.
    ///
    /// @param service `NAMESPACE/NAME`
    /// @param failures connections in a row that failed
    /// @param lastFailure why the last did
    public record Ejected(String service, String backend, int failures, String lastFailure) {}

    /// Numbers of now, and of all flows since the start.
    public record Totals(
            long services,
            long servicePorts,
            long frontends,
            long backends,
            long liveFlows,
            long openedFlows,
            long receivedBytes,
            long returnedBytes,
            long connectFailures,
            long dialRefusals,
            long acceptPauses,
            long stickyClients) {}
}
