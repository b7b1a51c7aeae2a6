package io.fairlead.k8s.cluster;

import io.fairlead.core.service.Protocol;

/// A port at which the endpoints of a slice listen; joined to a Service's port by name and
/// protocol.
public record SlicePort(String name, Protocol protocol, int port) {}
