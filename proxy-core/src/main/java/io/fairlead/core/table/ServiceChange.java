package io.fairlead.core.table;

import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;

/// One difference between two snapshots.
///
/// `before` and `after` share their name; anything else about them may differ.
public sealed interface ServiceChange {

    record Added(ServicePort port) implements ServiceChange {}

    record Updated(ServicePort before, ServicePort after) implements ServiceChange {}

    record Removed(ServicePort port) implements ServiceChange {}

    /// The name of the service port that changed.
    default ServicePortName name() {
        return switch (this) {
            case Added(ServicePort port) -> port.name();
            case Updated(_, ServicePort after) -> after.name();
            case Removed(ServicePort port) -> port.name();
        };
    }
}
