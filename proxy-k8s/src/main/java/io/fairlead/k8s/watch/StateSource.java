package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.ClusterUpdate;
import java.io.IOException;
import java.util.function.Consumer;

/// Where the states of the cluster come from: it hands on each that differs from the one before.
///
/// It calls its consumer on one thread of its own, and no more once closed.
public interface StateSource extends AutoCloseable {

    @Override
    void close() throws IOException;

    /// A source that is not followed yet.
    @FunctionalInterface
    interface Opener {
        /// Follows the source until it is closed.
        ///
        /// @param options for sources that may be away
        /// @throws IOException when it can never give a state; the message says why in one line
        StateSource open(Consumer<ClusterUpdate> consumer, WatchOptions options) throws IOException;
    }
}
