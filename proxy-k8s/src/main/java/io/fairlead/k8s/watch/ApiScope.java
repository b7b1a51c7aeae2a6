package io.fairlead.k8s.watch;

import org.jspecify.annotations.Nullable;

/// What of a cluster a node asks for.
///
/// @param nodeName the own Node, the only one
/// @param serviceProxyName exactly the Services with this service-proxy-name label; null for those
///   without the label
public record ApiScope(String nodeName, @Nullable String serviceProxyName) {

    public static ApiScope ofNode(String nodeName) {
        return new ApiScope(nodeName, null);
    }
}
