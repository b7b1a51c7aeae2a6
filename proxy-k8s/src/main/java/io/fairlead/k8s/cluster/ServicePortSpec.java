package io.fairlead.k8s.cluster;

import io.fairlead.core.service.Protocol;

/// An entry of `spec.ports`.
///
/// @param index its place in the list as written, for field paths
/// @param name empty for the single port of a Service that names none
/// @param nodePort 0 without one
public record ServicePortSpec(int index, String name, Protocol protocol, int port, int nodePort) {

    /// Path of a field of this entry, such as `spec.ports[0].nodePort`.
    public String field(String field) {
        return "spec.ports[" + index + "]." + field;
    }
}
