package io.fairlead.core.balance;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.ServicePortName;

/// A client that sticks to a backend, as another process can take it over.
///
/// @param ageNs since the client's last new flow
/// @param ttlNs the age at which it no longer sticks
public record AffinityRecord(
        ServicePortName port, IpAddress client, AddressPort backend, long ageNs, long ttlNs) {}
