package io.fairlead.k8s.cluster;

import io.fairlead.core.service.IpAddress;

/// An address and the field that names it, so that a later problem can point there.
public record AddressField(IpAddress address, String field) {}
