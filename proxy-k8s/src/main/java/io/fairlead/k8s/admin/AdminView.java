package io.fairlead.k8s.admin;

import io.fairlead.core.DataPlane;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.sync.SyncLoop;
import io.fairlead.k8s.watch.StateSource;
import java.time.Instant;
import java.util.function.Supplier;

/// What of a running agent is asked to answer: everything here may be read by any thread.
///
/// @param source for people to read: a folder, or `API server`
/// @param loops how many event loops there are
/// @param options by which objects became what is served
/// @param started when the agent did
public record AdminView(
        String node,
        String source,
        int loops,
        DataPlane plane,
        SyncLoop sync,
        StateSource states,
        Supplier<LocalOptions> options,
        Instant started) {}
