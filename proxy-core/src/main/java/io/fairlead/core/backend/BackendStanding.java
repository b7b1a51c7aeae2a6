package io.fairlead.core.backend;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.ServicePortName;

/// What flows found out about a backend, as another process can take it over.
///
/// @param ejected whether flows are led round it
/// @param times ejections in a row, so far
/// @param nanos ejected: until a flow may probe it; else since it is in use again
/// @param failures connections in a row that failed
public record BackendStanding(
        ServicePortName group,
        AddressPort backend,
        boolean ejected,
        int times,
        long nanos,
        int failures) {}
