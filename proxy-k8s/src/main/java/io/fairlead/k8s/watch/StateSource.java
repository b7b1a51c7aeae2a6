package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.ClusterUpdate;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/// Where the states of the cluster come from: it hands on each that differs from the one before.
///
/// It calls its consumer on one thread of its own, and no more once closed.
public interface StateSource extends AutoCloseable {

    @Override
    void close() throws IOException;

    /// Sends events to where the states come from, for as long as it is followed; a source that
    /// takes none does nothing. To be called once.
    default void publish(EventQueue events) {}

    /// What was asked of an API server; empty where there is none.
    default Optional<ApiRequests> requests() {
        return Optional.empty();
    }

    /// A source that is not followed yet.
    @FunctionalInterface
    interface Opener {
        /// Follows the source until it is closed.
        ///
        /// @throws IOException when it can never give a state; the message says why in one line
        StateSource open(Consumer<ClusterUpdate> consumer) throws IOException;
    }
}
