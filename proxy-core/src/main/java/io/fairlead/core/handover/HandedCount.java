package io.fairlead.core.handover;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.ServicePortName;

/// How many flows to a backend another agent still relays.
public record HandedCount(ServicePortName group, AddressPort backend, int flows) {}
