package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.ObjectKey;
import java.time.Duration;
import java.util.Map;

/// How it stands with the API server at one moment.
///
/// @param contactAge time since anything came from it, or since the start
/// @param watching whether everything that a node cannot do without is being watched
/// @param stale whether what is served is of a checkpoint that it has not confirmed yet
/// @param restarts how often watches had to be started again, by reason
/// @param held how long each kind has been held back that it no longer lists; kinds that it lists
///   are absent
public record ApiStatus(
        Duration contactAge,
        boolean watching,
        boolean stale,
        Map<String, Long> restarts,
        Map<ObjectKey.Kind, Duration> held) {

    public ApiStatus {
        restarts = Map.copyOf(restarts);
        held = Map.copyOf(held);
    }
}
