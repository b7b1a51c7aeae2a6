package io.fairlead.k8s.sync;

import io.fairlead.core.service.ServiceSnapshot;

/// What the way of capturing, and this machine, add to a snapshot. Control thread only.
@FunctionalInterface
public interface Placement {

    /// The snapshot as this machine serves it.
    ServiceSnapshot place(ServiceSnapshot snapshot);

    /// Whether the machine has changed since it was asked last, so that [#place] may answer
    /// otherwise. Asked every few seconds.
    default boolean hasMoved() {
        return false;
    }
}
