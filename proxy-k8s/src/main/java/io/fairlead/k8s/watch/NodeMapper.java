package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.k8s.cluster.NodeTopology;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.ServiceCidr;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Objects without namespace to their facts.
final class NodeMapper {
    private static final String ZONE = "topology.kubernetes.io/zone";

    /// Set by the cluster autoscaler on a node that it is about to remove (SEMANTICS A12b).
    private static final String LEAVING_TAINT = "ToBeDeletedByClusterAutoscaler";

    private NodeMapper() {}

    static NodeTopology map(ObjectName name, Node node, FieldReader reader) {
        String zone = ServiceMapper.orEmpty(node.getMetadata().getLabels()).get(ZONE);
        List<String> podCidrs = node.getSpec() == null ? null : node.getSpec().getPodCIDRs();
        return new NodeTopology(
                name.name(),
                zone == null || zone.isEmpty() ? null : zone,
                addresses(node, reader),
                ranges("spec.podCIDRs", podCidrs, reader),
                isLeaving(node));
    }

    private static boolean isLeaving(Node node) {
        String deleted = node.getMetadata().getDeletionTimestamp();
        if (deleted != null && !deleted.isEmpty()) {
            return true;
        }
        List<Taint> taints = node.getSpec() == null ? null : node.getSpec().getTaints();
        return taints != null
                && taints.stream().anyMatch(t -> t != null && LEAVING_TAINT.equals(t.getKey()));
    }

    static ServiceCidr map(ObjectName name, ServiceCIDR cidr, FieldReader reader) {
        List<String> cidrs = cidr.getSpec() == null ? null : cidr.getSpec().getCidrs();
        return new ServiceCidr(name.name(), ranges("spec.cidrs", cidrs, reader));
    }

    private static List<Cidr> ranges(
            String field, @Nullable List<String> values, FieldReader reader) {
        List<Cidr> ranges = new ArrayList<>();
        reader.each(
                field,
                values,
                (path, value) -> {
                    Cidr range = reader.range(path, value);
                    if (range != null) {
                        ranges.add(range);
                    }
                });
        return ranges;
    }

    private static List<IpAddress> addresses(Node node, FieldReader reader) {
        List<IpAddress> addresses = new ArrayList<>();
        if (node.getStatus() == null) {
            return addresses;
        }
        reader.each(
                "status.addresses",
                node.getStatus().getAddresses(),
                (field, entry) -> {
                    String type = entry.getType();
                    if ("InternalIP".equals(type) || "ExternalIP".equals(type)) {
                        IpAddress address = reader.address(field + ".address", entry.getAddress());
                        if (address != null) {
                            addresses.add(address);
                        }
                    }
                });
        return addresses;
    }
}
