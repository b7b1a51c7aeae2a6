package io.fairlead.k8s.sync;

import io.fairlead.core.service.ServiceSnapshot;

/// What the way of capturing, and this machine, add to a snapshot. Control thread only.
@FunctionalInterface
public interface Placement extends AutoCloseable {

    /// The snapshot as this machine serves it.
    ServiceSnapshot place(ServiceSnapshot snapshot);

    /// Whether the machine has changed since it was asked last, so that [#place] may answer
    /// otherwise. Asked every few seconds, and when [#follow] says so.
    default boolean hasMoved() {
        return false;
    }

    /// Has `moved` run when the machine may have changed, by any thread. Without it, changes are
    /// seen when [#hasMoved] is asked.
    default void follow(Runnable moved) {
        // Nothing of the machine matters, or it is not told of.
    }

    /// Follows no more.
    @Override
    default void close() {
        // Nothing was followed.
    }
}
