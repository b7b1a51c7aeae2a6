package io.fairlead.k8s;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.host.InterfaceName;
import io.fairlead.core.service.Cidr;
import io.fairlead.k8s.local.ExternalIpRule;
import java.util.List;

/// How clients reach the VIPs of this node, and what tells pods from others.
///
/// @param mode the way of capture
/// @param serviceCidrs ranges of ClusterIPs, beside those of ServiceCIDR objects
/// @param clusterCidrs ranges of all pods; empty for the pod ranges of the Node object
/// @param podInterfaces interfaces of this node whose clients are the pods, in place of ranges;
///   empty for ranges
/// @param nodePortAddresses where NodePorts are served
/// @param externalIps which external IPs are served
/// @param keepClientAddress whether backends see the client's own address where kube-proxy would
///   show it
public record CaptureOptions(
        CaptureMode mode,
        List<Cidr> serviceCidrs,
        List<Cidr> clusterCidrs,
        List<InterfaceName> podInterfaces,
        NodePortAddresses nodePortAddresses,
        ExternalIpRule externalIps,
        boolean keepClientAddress) {

    public static final CaptureOptions DEFAULT =
            new CaptureOptions(
                    CaptureMode.AUTO,
                    List.of(),
                    List.of(),
                    List.of(),
                    NodePortAddresses.DEFAULT,
                    ExternalIpRule.ALL,
                    true);

    public CaptureOptions {
        serviceCidrs = List.copyOf(serviceCidrs);
        clusterCidrs = List.copyOf(clusterCidrs);
        podInterfaces = List.copyOf(podInterfaces);
    }

    public CaptureOptions withMode(CaptureMode way) {
        return new CaptureOptions(
                way,
                serviceCidrs,
                clusterCidrs,
                podInterfaces,
                nodePortAddresses,
                externalIps,
                keepClientAddress);
    }

    public CaptureOptions withServiceCidrs(List<Cidr> ranges) {
        return new CaptureOptions(
                mode,
                ranges,
                clusterCidrs,
                podInterfaces,
                nodePortAddresses,
                externalIps,
                keepClientAddress);
    }

    public CaptureOptions withClusterCidrs(List<Cidr> ranges) {
        return new CaptureOptions(
                mode,
                serviceCidrs,
                ranges,
                podInterfaces,
                nodePortAddresses,
                externalIps,
                keepClientAddress);
    }

    public CaptureOptions withPodInterfaces(List<InterfaceName> names) {
        return new CaptureOptions(
                mode,
                serviceCidrs,
                clusterCidrs,
                names,
                nodePortAddresses,
                externalIps,
                keepClientAddress);
    }

    public CaptureOptions withNodePortAddresses(NodePortAddresses addresses) {
        return new CaptureOptions(
                mode,
                serviceCidrs,
                clusterCidrs,
                podInterfaces,
                addresses,
                externalIps,
                keepClientAddress);
    }

    public CaptureOptions withExternalIps(ExternalIpRule rule) {
        return new CaptureOptions(
                mode,
                serviceCidrs,
                clusterCidrs,
                podInterfaces,
                nodePortAddresses,
                rule,
                keepClientAddress);
    }

    public CaptureOptions withKeepClientAddress(boolean keep) {
        return new CaptureOptions(
                mode,
                serviceCidrs,
                clusterCidrs,
                podInterfaces,
                nodePortAddresses,
                externalIps,
                keep);
    }
}
