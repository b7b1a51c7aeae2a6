package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.ClusterUpdate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/// Where the states of the cluster come from: it hands on each that differs from the one before.
///
/// It calls its consumer on one thread of its own, and no more once closed.
public interface StateSource extends AutoCloseable {

    @Override
    void close() throws IOException;

    /// How it stands with the API server; empty for a source that is none. Any thread.
    default Optional<ApiStatus> apiStatus() {
        return Optional.empty();
    }

    /// A source that is not followed yet.
    @FunctionalInterface
    interface Opener {
        /// Follows the source until it is closed.
        ///
        /// @param options for sources that may be away
        /// @param runDir folder that the agent owns
        /// @throws IOException when it can never give a state; the message says why in one line
        StateSource open(Consumer<ClusterUpdate> consumer, WatchOptions options, Path runDir)
                throws IOException;
    }
}
