package io.fairlead.core.table;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.NodeNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What a client is to this node: the node itself, a pod, or an outsider (SEMANTICS A5). Tested by
/// address bits without allocating; immutable.
public final class ClientClasses {

    private static final List<Cidr> LOOPBACK =
            List.of(Cidr.parse("127.0.0.0/8"), Cidr.parse("::1/128"));

    private final SourceSet node;
    private final SourceSet pods;
    private final SourceSet ownPods;
    private final List<Cidr> podsAndNodeRanges;

    private ClientClasses(NodeNetwork network) {
        List<Cidr> own = new ArrayList<>(LOOPBACK);
        network.addresses().stream().map(ClientClasses::only).sorted().forEach(own::add);
        this.node = SourceSet.of(own);
        this.pods = SourceSet.of(network.podCidrs());
        this.ownPods = SourceSet.of(network.ownPodCidrs());
        this.podsAndNodeRanges =
                Stream.concat(own.stream(), network.podCidrs().stream()).distinct().toList();
    }

    public static ClientClasses of(NodeNetwork network) {
        return new ClientClasses(network);
    }

    private static Cidr only(IpAddress address) {
        return new Cidr(address, address.family().bits());
    }

    /// Whether the address is this node's own.
    public boolean isNode(IpFamily family, long high, long low) {
        return node.contains(family, high, low);
    }

    public boolean isPodOrNode(IpFamily family, long high, long low) {
        return node.contains(family, high, low) || pods.contains(family, high, low);
    }

    /// Whether the client is a pod; everybody is where nothing tells pods from others (SEMANTICS
    /// A5, "no local detector").
    public boolean mayBePod(IpFamily family, long high, long low) {
        return pods.isEmpty(family) || pods.contains(family, high, low);
    }

    /// Whether packets between the two pass this node, as far as is known: at least one of them is
    /// a pod of it.
    public boolean isOwnPod(IpFamily family, long high, long low) {
        return ownPods.isEmpty(family) || ownPods.contains(family, high, low);
    }

    /// The ranges of pods and this node.
    public List<Cidr> podsAndNodeRanges() {
        return podsAndNodeRanges;
    }
}
