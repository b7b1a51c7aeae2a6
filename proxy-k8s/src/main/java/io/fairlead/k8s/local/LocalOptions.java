package io.fairlead.k8s.local;

import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.FlowRules;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What the operator decides about this node.
///
/// @param nodeName name of this node's Node object; trimmed and in lower case, never empty
/// @param defaultBalancing for Services that name no policy of their own
/// @param allowLoopbackBackends whether any Service may send to loopback addresses and NodePorts
///   may be served at loopback addresses of the Node object; false where others write the objects.
///   A Service whose ClusterIP is itself a loopback address always may: only this node can reach it
/// @param serviceProxyName serve exactly the Services that carry this service-proxy-name label;
///   null to serve those without the label
/// @param externalIps which external IPs are served
/// @param flows for Services that say nothing of their flows
public record LocalOptions(
        String nodeName,
        Balancing defaultBalancing,
        boolean allowLoopbackBackends,
        @Nullable String serviceProxyName,
        ExternalIpRule externalIps,
        FlowRules flows) {

    public LocalOptions {
        nodeName = nodeName.strip().toLowerCase(Locale.ROOT);
        if (nodeName.isEmpty()) {
            throw new IllegalArgumentException("the node name is empty");
        }
    }

    /// The defaults, for the node of that name.
    public static LocalOptions forNode(String nodeName) {
        return new LocalOptions(
                nodeName, Balancing.DEFAULT, false, null, ExternalIpRule.ALL, FlowRules.NONE);
    }

    public LocalOptions withDefaultBalancing(Balancing balancing) {
        return new LocalOptions(
                nodeName, balancing, allowLoopbackBackends, serviceProxyName, externalIps, flows);
    }

    public LocalOptions withAllowLoopbackBackends(boolean allow) {
        return new LocalOptions(
                nodeName, defaultBalancing, allow, serviceProxyName, externalIps, flows);
    }

    public LocalOptions withServiceProxyName(@Nullable String name) {
        return new LocalOptions(
                nodeName, defaultBalancing, allowLoopbackBackends, name, externalIps, flows);
    }

    public LocalOptions withExternalIps(ExternalIpRule rule) {
        return new LocalOptions(
                nodeName, defaultBalancing, allowLoopbackBackends, serviceProxyName, rule, flows);
    }

    public LocalOptions withFlows(FlowRules rules) {
        return new LocalOptions(
                nodeName,
                defaultBalancing,
                allowLoopbackBackends,
                serviceProxyName,
                externalIps,
                rules);
    }
}
