package io.fairlead.core.table;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.balance.AffinityTable;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.Vip;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One service port as the table serves it: its pools of backends, ready to be picked from.
///
/// Immutable. A change of the service port makes a new entry; an entry that did not change is
/// carried over from generation to generation.
public final class ServiceEntry {

    private final ServicePort port;
    private final BackendGroup group;
    private final AffinityTable clients;
    private final @Nullable BackendPool internal;
    private final @Nullable BackendPool external;
    private final @Nullable BackendPool externalFromPodOrNode;
    private final SourceSet sourceRanges;
    private final Set<AddressPort> serving;

    private ServiceEntry(ServicePort port, BackendGroup group, AffinityTable clients) {
        this.port = port;
        this.group = group;
        this.clients = clients;
        this.sourceRanges = SourceSet.of(port.sourceRanges());
        this.internal = pool(port.internal());
        // Equal sets share one pool, so that both classes of clients share one round robin.
        this.external = same(port.external(), port.internal(), internal);
        this.externalFromPodOrNode =
                port.externalFromPodOrNode() != null
                                && port.externalFromPodOrNode().equals(port.external())
                        ? external
                        : same(port.externalFromPodOrNode(), port.internal(), internal);
        this.serving = port.name().protocol() == Protocol.UDP ? serving(port) : Set.of();
    }

    private Set<AddressPort> serving(ServicePort port) {
        Set<AddressPort> all = backendAddresses();
        all.addAll(port.serving());
        return all;
    }

    /// UDP only: whether a backend answers, so that flows with it go on. Allocates nothing.
    public boolean serves(AddressPort backend) {
        return serving.contains(backend);
    }

    /// Builds the pools of a service port with backends from its group. Control thread only.
    ///
    /// @param clients who sticks to which backend
    public static ServiceEntry of(ServicePort port, BackendGroup group, AffinityTable clients) {
        return new ServiceEntry(port, group, clients);
    }

    private @Nullable BackendPool same(
            @Nullable BackendSet set, @Nullable BackendSet known, @Nullable BackendPool pool) {
        return set != null && set.equals(known) ? pool : pool(set);
    }

    private @Nullable BackendPool pool(@Nullable BackendSet set) {
        return set == null || set.verdict() != BackendSet.Verdict.FORWARD
                ? null
                : BackendPool.of(set, port, group, clients);
    }

    public ServicePort port() {
        return port;
    }

    public BackendGroup group() {
        return group;
    }

    /// The pool for a client of the ClusterIP; null refuses it.
    public @Nullable BackendPool internal() {
        return internal;
    }

    /// The pool for a client of another kind of VIP; null refuses it.
    ///
    /// @param podOrNode whether the client is a pod or this node (SEMANTICS A5)
    public @Nullable BackendPool external(boolean podOrNode) {
        return podOrNode ? externalFromPodOrNode : external;
    }

    /// Who may use the load-balancer VIPs.
    public SourceSet sourceRanges() {
        return sourceRanges;
    }

    /// All addresses of backends that some pool may pick.
    public Set<AddressPort> backendAddresses() {
        Set<AddressPort> addresses = new HashSet<>();
        addAll(addresses, internal);
        addAll(addresses, external);
        addAll(addresses, externalFromPodOrNode);
        return addresses;
    }

    /// How many of these backends are ejected now.
    public int ejected() {
        if (group.ejectionChanges() == 0) {
            return 0;
        }
        Set<AddressPort> named = backendAddresses();
        int count = 0;
        for (Backend backend : group.backends()) {
            count += backend.isEjected() && named.contains(backend.at()) ? 1 : 0;
        }
        return count;
    }

    private static void addAll(Set<AddressPort> addresses, @Nullable BackendPool pool) {
        for (int i = 0; pool != null && i < pool.size(); i++) {
            addresses.add(pool.backend(i).at());
        }
    }

    /// Where clients of this service port arrive and someone may be served; NodePorts stand at each
    /// of the node's addresses.
    List<VipTable.Row> rows(NodeNetwork node) {
        List<VipTable.Row> rows = new ArrayList<>(port.vips().size());
        for (Vip vip : port.vips()) {
            if (vip.isInternal() ? internal == null : isExternalRefused()) {
                continue;
            }
            if (!vip.address().isAny()) {
                rows.add(row(vip, vip.at()));
                continue;
            }
            for (IpAddress address : node.nodePortAddresses()) {
                if (address.family() == vip.address().family()) {
                    rows.add(row(vip, new AddressPort(address, vip.port())));
                }
            }
        }
        return rows;
    }

    /// Who is served at VIPs of a kind.
    Admission admission(Vip.Kind kind) {
        if (kind == Vip.Kind.CLUSTER_IP) {
            return Admission.ALL;
        }
        return new Admission(
                external != null,
                externalFromPodOrNode != null,
                kind == Vip.Kind.LOAD_BALANCER ? port.sourceRanges() : List.of());
    }

    private boolean isExternalRefused() {
        return external == null && externalFromPodOrNode == null;
    }

    private VipTable.Row row(Vip vip, AddressPort at) {
        return new VipTable.Row(new Frontend(port.name().protocol(), at), vip.kind(), this);
    }
}
