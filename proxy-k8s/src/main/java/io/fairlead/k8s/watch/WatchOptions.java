package io.fairlead.k8s.watch;

import java.time.Duration;

/// How much the API server is believed, and what is kept for when it is away.
///
/// @param emptyListHold how long Services or EndpointSlices stay served that all vanish from one
///   list to the next; zero for not at all
public record WatchOptions(Duration emptyListHold) {

    /// Long enough to put a storage back, or for the watches of a server that was wrong to end;
    /// short beside the time that it takes to empty a cluster on purpose.
    public static final WatchOptions DEFAULT = new WatchOptions(Duration.ofSeconds(60));

    public WatchOptions {
        if (emptyListHold.isNegative()) {
            throw new IllegalArgumentException(
                    "emptyListHold: " + emptyListHold + " is negative; give 0 for none");
        }
    }

    public WatchOptions withEmptyListHold(Duration hold) {
        return new WatchOptions(hold);
    }
}
