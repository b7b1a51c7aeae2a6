package io.fairlead.core.flow;

import io.fairlead.core.service.ServicePortName;
import org.jspecify.annotations.Nullable;

/// Which live flows somebody wants to see.
///
/// @param namespace of their Services; null for any
/// @param service name of their Service; null for any
/// @param max no more than so many from each event loop
public record FlowQuery(@Nullable String namespace, @Nullable String service, int max) {

    /// Flows that an event loop looks at in one turn: some microseconds.
    public static final int BATCH = 256;

    public boolean wants(ServicePortName name) {
        return (namespace == null || namespace.equals(name.namespace()))
                && (service == null || service.equals(name.service()));
    }
}
