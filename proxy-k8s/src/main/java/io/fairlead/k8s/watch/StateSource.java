package io.fairlead.k8s.watch;

import java.io.IOException;
import java.util.Optional;

/// Where the states of the cluster come from: it hands on each that differs from the one before.
///
/// It calls its consumer on one thread of its own, and no more once closed.
public interface StateSource extends AutoCloseable {

    @Override
    void close() throws IOException;

    /// Sends events to where the states come from, for as long as it is followed; a source that
    /// takes none does nothing. To be called once.
    default void publish(EventQueue events) {}

    /// Takes what can change in place; a source for which nothing can does nothing. Any thread.
    default void reconfigure(WatchOptions options) {}

    /// What was asked of an API server; empty where there is none.
    default Optional<ApiRequests> requests() {
        return Optional.empty();
    }

    /// How it stands with the API server; empty for a source that is none. Any thread.
    default Optional<ApiStatus> apiStatus() {
        return Optional.empty();
    }
}
