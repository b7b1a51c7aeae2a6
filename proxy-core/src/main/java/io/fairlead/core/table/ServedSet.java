package io.fairlead.core.table;

import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.ServicePort;
import org.jspecify.annotations.Nullable;

/// Which of a service port's backend sets serves a client (SEMANTICS A5).
public enum ServedSet {
    INTERNAL,
    EXTERNAL,
    EXTERNAL_FROM_POD_OR_NODE;

    /// That set; null where the service port has no such VIP.
    public @Nullable BackendSet of(ServicePort port) {
        return switch (this) {
            case INTERNAL -> port.internal();
            case EXTERNAL -> port.external();
            case EXTERNAL_FROM_POD_OR_NODE -> port.externalFromPodOrNode();
        };
    }
}
