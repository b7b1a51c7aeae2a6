package io.fairlead.k8s;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.host.InterfaceName;
import io.fairlead.core.service.Cidr;
import io.fairlead.k8s.local.ExternalIpRule;
import java.util.List;
import java.util.function.Consumer;

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

    /// Options while they are being changed. One owner; not safe for threads.
    private static final class Draft {
        CaptureMode mode;
        List<Cidr> serviceCidrs;
        List<Cidr> clusterCidrs;
        List<InterfaceName> podInterfaces;
        NodePortAddresses nodePortAddresses;
        ExternalIpRule externalIps;
        boolean keepClientAddress;

        Draft(CaptureOptions from) {
            mode = from.mode;
            serviceCidrs = from.serviceCidrs;
            clusterCidrs = from.clusterCidrs;
            podInterfaces = from.podInterfaces;
            nodePortAddresses = from.nodePortAddresses;
            externalIps = from.externalIps;
            keepClientAddress = from.keepClientAddress;
        }

        CaptureOptions done() {
            return new CaptureOptions(
                    mode,
                    serviceCidrs,
                    clusterCidrs,
                    podInterfaces,
                    nodePortAddresses,
                    externalIps,
                    keepClientAddress);
        }
    }

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

    private CaptureOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.done();
    }

    public CaptureOptions withMode(CaptureMode way) {
        return with(d -> d.mode = way);
    }

    public CaptureOptions withServiceCidrs(List<Cidr> ranges) {
        return with(d -> d.serviceCidrs = ranges);
    }

    public CaptureOptions withClusterCidrs(List<Cidr> ranges) {
        return with(d -> d.clusterCidrs = ranges);
    }

    public CaptureOptions withPodInterfaces(List<InterfaceName> names) {
        return with(d -> d.podInterfaces = names);
    }

    public CaptureOptions withNodePortAddresses(NodePortAddresses addresses) {
        return with(d -> d.nodePortAddresses = addresses);
    }

    public CaptureOptions withExternalIps(ExternalIpRule rule) {
        return with(d -> d.externalIps = rule);
    }

    public CaptureOptions withKeepClientAddress(boolean keep) {
        return with(d -> d.keepClientAddress = keep);
    }
}
