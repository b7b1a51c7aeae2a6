package io.fairlead.k8s.admin;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.balance.HashKey;
import io.fairlead.core.flow.FlowDecision;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.table.ClientClasses;
import io.fairlead.core.table.ServedSet;
import io.fairlead.core.table.ServiceEntry;
import io.fairlead.core.table.VipTable;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.local.EndpointTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Explains what becomes of one client at one VIP: the decision itself is the data plane's
/// ([FlowDecision]), the endpoints' part that of the Service rules ([EndpointTrace]). One per
/// question.
final class WhyReporter {

    private final AdminView view;
    private final ClusterState state;
    private final Protocol protocol;
    private final IpAddress client;
    private final int clientPort;
    private final AddressPort vip;
    private final List<WhyReport.Step> steps = new ArrayList<>();

    /// @param clientPort 0 where it is not known
    WhyReporter(
            AdminView view, Protocol protocol, IpAddress client, int clientPort, AddressPort vip) {
        this.view = view;
        this.state = view.sync().progress().applied().state();
        this.protocol = protocol;
        this.client = client;
        this.clientPort = clientPort;
        this.vip = vip;
    }

    WhyReport report() {
        if (client.family() != vip.address().family()) {
            throw new IllegalArgumentException(
                    "client " + client + " and VIP " + vip + " are of two IP families");
        }
        FlowDecision decision = view.plane().decide(protocol, client, clientPort, vip);
        VipTable.Row row = decision.row();
        if (row == null || decision.set() == null) {
            return notServed();
        }
        ServiceEntry entry = row.entry();
        ServicePort port = entry.port();
        step("arrives at", Words.kind(row.kind()) + " " + vip + " of " + port.name());
        step("client", clientClass());
        if (!decision.admitted()) {
            String ranges =
                    String.join(", ", port.sourceRanges().stream().map(Object::toString).toList());
            step("source ranges", client + " is in none of " + ranges);
            return report(
                    "refused",
                    "refused: the client is outside loadBalancerSourceRanges",
                    port,
                    null,
                    backends(entry, decision));
        }
        if (!port.sourceRanges().isEmpty()) {
            step("source ranges", "the client may pass");
        }
        step("backend set", set(port, decision.set()));
        EndpointTrace trace = trace(port);
        if (trace.followed() != null && isOfCluster(port, decision.set())) {
            step("topology hints", "followed: those for " + trace.followed());
        } else if (trace.ignored() != null) {
            step("topology hints", "ignored: " + trace.ignored());
        }
        return decided(entry, decision);
    }

    private WhyReport decided(ServiceEntry entry, FlowDecision decision) {
        ServicePort port = entry.port();
        BackendPool pool = decision.pool();
        if (pool == null) {
            BackendSet set = decision.set() == null ? null : decision.set().of(port);
            String why = verdict(set);
            step("verdict", "refused: " + why);
            return report("refused", "refused: " + why, port, null, backends(entry, decision));
        }
        String limit =
                Limits.finding(entry.group().rules(), entry.group().live(), decision.limit());
        if (!limit.isEmpty()) {
            step("limits", limit);
        }
        if (decision.limit() != null) {
            return report("refused", "refused: " + limit, port, null, backends(entry, decision));
        }
        affinity(port, decision, pool);
        step("policy", Policies.rule(port.balancing(), pool));
        Backend backend = decision.backend();
        if (decision.dialable() == 0) {
            step("address", "none of the backends' addresses may be dialled");
            return report(
                    "refused",
                    "refused: no backend's address may be dialled",
                    port,
                    null,
                    backends(entry, decision));
        }
        String pick =
                backend == null
                        ? "any of " + decision.dialable() + " backends, by chance or by port"
                        : backend.toString();
        boolean ejected = backend != null && backend.isEjected();
        step(
                "next pick",
                pick
                        + because(decision, pool)
                        + (ejected ? ", though it is ejected: there are too few others" : ""));
        step(
                "address seen",
                decision.keepsClient()
                        ? "the backend sees the client's own address"
                        : "the backend sees this node's address");
        return report(
                "led",
                "led to " + pick + " of " + port.name(),
                port,
                backend == null ? null : backend.toString(),
                backends(entry, decision));
    }

    private String because(FlowDecision decision, BackendPool pool) {
        if (decision.backend() != null && decision.sticky() != FlowDecision.NONE) {
            return ", to which the client sticks";
        }
        if (decision.backend() == null) {
            if (decision.foreseen() != FlowDecision.NONE
                    && pool.backend(decision.foreseen()).isEjected()) {
                return "; " + pool.backend(decision.foreseen()) + " would be, but it is ejected";
            }
            return clientPort == 0 && pool.picker().hashKey() == HashKey.TUPLE
                    ? "; give the client's port to learn which"
                    : "";
        }
        return decision.foreseen() == FlowDecision.NONE
                ? ", the only one that may be dialled"
                : pool.size() == 1 ? ", the only one" : "";
    }

    private void affinity(ServicePort port, FlowDecision decision, BackendPool pool) {
        if (port.affinitySeconds().isPresent()) {
            step(
                    "affinity",
                    decision.sticky() == FlowDecision.NONE
                            ? "ClientIP: this client sticks to none of these backends yet"
                            : "ClientIP: this client sticks to " + pool.backend(decision.sticky()));
        }
    }

    private String clientClass() {
        ClientClasses classes = view.plane().table().clients();
        if (classes.isNode(client.family(), client.high(), client.low())) {
            return "this node itself";
        }
        if (classes.isPodOrNode(client.family(), client.high(), client.low())) {
            return "a pod";
        }
        return classes.mayBePod(client.family(), client.high(), client.low())
                ? "not this node; whether it is a pod nothing tells, so it counts as outside"
                : "outside the cluster";
    }

    private String set(ServicePort port, ServedSet set) {
        return switch (set) {
            case INTERNAL ->
                    isInternalLocal(port)
                            ? "endpoints on this node: internalTrafficPolicy is Local"
                            : "endpoints on any node: internalTrafficPolicy is Cluster";
            case EXTERNAL ->
                    port.externalLocal()
                            ? "endpoints on this node: externalTrafficPolicy is Local"
                            : "endpoints on any node: externalTrafficPolicy is Cluster";
            case EXTERNAL_FROM_POD_OR_NODE ->
                    port.externalLocal()
                            ? "endpoints on any node: externalTrafficPolicy Local binds only"
                                    + " clients outside the cluster"
                            : "endpoints on any node: externalTrafficPolicy is Cluster";
        };
    }

    private boolean isInternalLocal(ServicePort port) {
        var service =
                state.services()
                        .get(new ObjectName(port.name().namespace(), port.name().service()));
        return service != null && service.policy().internalLocal();
    }

    private boolean isOfCluster(ServicePort port, ServedSet set) {
        return switch (set) {
            case INTERNAL -> !isInternalLocal(port);
            case EXTERNAL -> !port.externalLocal();
            case EXTERNAL_FROM_POD_OR_NODE -> true;
        };
    }

    private static String verdict(@Nullable BackendSet set) {
        if (set == null) {
            return "it has no such VIP";
        }
        return switch (set.verdict()) {
            case FORWARD -> "it is being changed; ask again";
            case REJECT -> "no endpoint anywhere is ready, or serving while it terminates";
            case DROP -> "there are endpoints, but a Local traffic policy leaves none on this node";
        };
    }

    private WhyReport notServed() {
        for (ServiceEntry entry : view.plane().view()) {
            ServicePort port = entry.port();
            if (port.name().protocol() == protocol && claims(port)) {
                boolean internal =
                        port.vips().stream().anyMatch(v -> v.isInternal() && v.at().equals(vip));
                step("arrives at", vip + " of " + port.name());
                String why = verdict(internal ? port.internal() : port.external());
                step("verdict", "refused: " + why);
                FlowDecision none = view.plane().decide(protocol, client, clientPort, vip);
                return report("refused", "refused: " + why, port, null, backends(entry, none));
            }
        }
        String where = otherPorts();
        if (where != null) {
            step("arrives at", where);
            return report("refused", "refused: " + where, null, null, List.of());
        }
        if (view.sync()
                .progress()
                .applied()
                .view()
                .snapshot()
                .node()
                .isInServiceCidr(vip.address())) {
            step("arrives at", "an address of the Service ranges that no Service has");
            return report(
                    "refused", "refused: no Service has " + vip.address(), null, null, List.of());
        }
        step("arrives at", vip + " is no VIP here: Fairlead has no part in it");
        return report("not served", vip + " is no VIP of this node", null, null, List.of());
    }

    private boolean claims(ServicePort port) {
        return port.vips().stream()
                .anyMatch(v ->
                        v.address().isAny()
                                ? v.port() == vip.port() && isNodePortAddress()
                                : v.at().equals(vip));
    }

    private boolean isNodePortAddress() {
        return view.sync().progress().applied().nodeAddresses().contains(vip.address());
    }

    /// That the address is a VIP, at other ports; null when it is not.
    private @Nullable String otherPorts() {
        List<String> ports =
                view.plane().view().stream()
                        .flatMap(e ->
                                e.port().vips().stream()
                                        .filter(v -> v.address().equals(vip.address()))
                                        .map(v -> e.port().name().protocol() + " " + v.port()))
                        .distinct()
                        .limit(10)
                        .toList();
        return ports.isEmpty()
                ? null
                : vip.address()
                        + " is a VIP, but not at "
                        + protocol
                        + " "
                        + vip.port()
                        + "; it is at "
                        + String.join(", ", ports);
    }

    private EndpointTrace trace(ServicePort port) {
        return EndpointTrace.of(state, port.name(), view.options().get());
    }

    private List<WhyReport.Backend> backends(ServiceEntry entry, FlowDecision decision) {
        ServicePort port = entry.port();
        BackendPool pool = decision.pool();
        boolean cluster = decision.set() == null || isOfCluster(port, decision.set());
        List<WhyReport.Backend> all = new ArrayList<>();
        for (EndpointTrace.Judged judged : trace(port).endpoints()) {
            Backend known = known(entry, judged.at());
            boolean inPool = pool != null && contains(pool, judged.at());
            String refusal =
                    inPool
                            ? view.plane()
                                    .table()
                                    .dialRefusal(protocol, judged.at(), isToLoopback())
                            : null;
            String against = cluster ? judged.cluster() : judged.local();
            all.add(
                    new WhyReport.Backend(
                            judged.at().toString(),
                            judged.node(),
                            judged.state(),
                            inPool && refusal == null,
                            refusal != null
                                    ? "it is " + refusal
                                    : against != null ? against : Words.reachability(known),
                            known == null ? 0 : known.live()));
        }
        return all;
    }

    private boolean isToLoopback() {
        return vip.address().isLoopback();
    }

    private static boolean contains(BackendPool pool, AddressPort at) {
        for (int i = 0; i < pool.size(); i++) {
            if (pool.backend(i).at().equals(at)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Backend known(ServiceEntry entry, AddressPort at) {
        return entry.group().backends().stream()
                .filter(b -> b.at().equals(at))
                .findFirst()
                .orElse(null);
    }

    private void step(String about, String finding) {
        steps.add(new WhyReport.Step(about, finding));
    }

    private WhyReport report(
            String outcome,
            String summary,
            @Nullable ServicePort port,
            @Nullable String backend,
            List<WhyReport.Backend> backends) {
        return new WhyReport(
                clientPort == 0
                        ? client.toString()
                        : new AddressPort(client, clientPort).toString(),
                vip.toString(),
                protocol.toString().toUpperCase(Locale.ROOT),
                outcome,
                summary,
                port == null ? null : port.name().toString(),
                backend,
                List.copyOf(steps),
                backends);
    }
}
