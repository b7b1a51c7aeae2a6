package io.fairlead.k8s.watch;

import java.time.Duration;

/// How much the API server is believed, and what is kept for when it is away.
///
/// @param emptyListHold how long Services or EndpointSlices stay served that all vanish from one
///   list to the next; zero for not at all
/// @param checkpoint whether the last state is kept in the run directory, to serve from while the
///   API server is away at start
public record WatchOptions(Duration emptyListHold, boolean checkpoint) {

    /// The hold is long enough to put a storage back, or for the watches of a server that was wrong
    /// to end; short beside the time that it takes to empty a cluster on purpose. The checkpoint is
    /// on: what kube-proxy has written to the kernel outlives it too, and a node that restarts its
    /// agent during an outage of the API server must not lose its Services.
    public static final WatchOptions DEFAULT = new WatchOptions(Duration.ofSeconds(60), true);

    /// Name of the checkpoint in the run directory.
    static final String CHECKPOINT_FILE = "checkpoint.json";

    public WatchOptions {
        if (emptyListHold.isNegative()) {
            throw new IllegalArgumentException(
                    "emptyListHold: " + emptyListHold + " is negative; give 0 for none");
        }
    }

    public WatchOptions withEmptyListHold(Duration hold) {
        return new WatchOptions(hold, checkpoint);
    }

    public WatchOptions withCheckpoint(boolean keep) {
        return new WatchOptions(emptyListHold, keep);
    }
}
