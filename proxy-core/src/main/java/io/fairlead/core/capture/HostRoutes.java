package io.fairlead.core.capture;

import io.fairlead.core.handover.HandedSocket;
import io.fairlead.core.host.HostProgram;
import io.fairlead.core.host.LocalRoutes;
import io.fairlead.core.host.PodBridges;
import io.fairlead.core.host.ReturnPath;
import io.fairlead.core.host.VipGuard;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.NodeNetwork;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the host is told with the programs `ip` and `nft`: that VIPs end here, that so do answers
/// to the clients' addresses that upstream sockets have, and that its daemons do not answer on
/// VIPs.
public final class HostRoutes implements Routes {

    private static final Logger LOG = LoggerFactory.getLogger(HostRoutes.class);

    private final LocalRoutes routes = new LocalRoutes(HostProgram.ip());
    private final @Nullable VipGuard guard;
    private final @Nullable ReturnPath returnPath;
    private final @Nullable PodBridges bridges;
    private final HostWatch watch = new HostWatch();
    private Set<Cidr> prefixes = Set.of();
    private @Nullable NodeNetwork node;
    private List<String> failures = List.of();

    /// Makes the way back at once, where it is asked for.
    ///
    /// @param mode the way of capture; a BPF program is the guard itself
    /// @param clientAddresses whether upstream sockets may have addresses of clients
    public HostRoutes(CaptureMode mode, boolean clientAddresses) {
        guard = mode == CaptureMode.BPF ? null : new VipGuard(HostProgram.nft());
        if (clientAddresses) {
            returnPath = new ReturnPath(HostProgram.ip(), HostProgram.nft());
            bridges = new PodBridges(HostProgram.ip(), HostProgram.nft());
            returnPath.install();
        } else {
            returnPath = null;
            bridges = null;
        }
        gatherFailures();
    }

    /// Why upstream sockets must not have the addresses of clients of a family; none where they
    /// may.
    public Map<IpFamily, String> returnFailures() {
        return returnPath == null ? Map.of() : returnPath.failures();
    }

    /// Families in which upstream sockets may have the addresses of clients.
    public Set<IpFamily> returnFamilies() {
        if (returnPath == null) {
            return Set.of();
        }
        Set<IpFamily> families = EnumSet.allOf(IpFamily.class);
        families.removeAll(returnPath.failures().keySet());
        return families;
    }

    /// Subnets of which two hosts must not see each other's address.
    public List<Cidr> unreturnable() {
        return bridges == null ? List.of() : bridges.unreturnable();
    }

    @Override
    public void follow(Set<Cidr> wanted, NodeNetwork next) {
        NodeNetwork before = node;
        node = next;
        if (before == null
                || !next.primary().equals(before.primary())
                || !wanted.equals(prefixes)) {
            lead(wanted, next.primary());
        }
        boolean otherPods = before == null || !next.podCidrs().equals(before.podCidrs());
        if (otherPods && bridges != null) {
            bridges.sync(next.podCidrs());
        }
        gatherFailures();
    }

    /// Guarded is what is led here, and what was until then.
    private void lead(Set<Cidr> wanted, Set<IpAddress> primary) {
        Map<IpFamily, IpAddress> sources = new EnumMap<>(IpFamily.class);
        primary.forEach(source -> sources.put(source.family(), source));
        if (guard != null) {
            Set<Cidr> both = new HashSet<>(prefixes);
            both.addAll(wanted);
            guard.sync(both);
        }
        routes.sync(wanted, sources);
        if (guard != null) {
            guard.sync(wanted);
        }
        boolean first = prefixes.isEmpty();
        prefixes = wanted;
        if (first && !wanted.isEmpty()) {
            watch.look(prefixes);
        }
    }

    @Override
    public void recheck() {
        if (returnPath != null) {
            tellRepairs(returnPath.recheck());
        }
        // As in lead(): the guard before what it guards.
        if (guard != null) {
            tellRepairs(guard.recheck());
        }
        tellRepairs(routes.recheck());
        if (bridges != null) {
            tellRepairs(bridges.recheck());
        }
        gatherFailures();
        watch.lookAgain(prefixes);
    }

    private static void tellRepairs(List<String> repairs) {
        repairs.forEach(repair -> LOG.warn("repaired: {}", repair));
    }

    private void gatherFailures() {
        List<String> now = new ArrayList<>(routes.messages());
        if (guard != null) {
            guard.failure()
                    .ifPresent(cause ->
                            now.add(
                                    "host daemons that listen on every address may answer on VIPs: "
                                            + cause));
        }
        returnFailures()
                .forEach((family, cause) ->
                        now.add(
                                "backends see this node's address instead of the client's, "
                                        + word(family)
                                        + ": "
                                        + cause));
        if (bridges != null && !returnFamilies().isEmpty()) {
            bridges.failures()
                    .forEach((bridge, cause) ->
                            now.add(
                                    "pods on one bridge see this node's address of each other, "
                                            + bridge
                                            + ": "
                                            + cause));
        }
        failures = List.copyOf(now);
    }

    private static String word(IpFamily family) {
        return family == IpFamily.IPV4 ? "IPv4" : "IPv6";
    }

    @Override
    public List<String> failures() {
        return failures;
    }

    /// What else is wrong with this node for VIP traffic.
    public List<String> conflicts() {
        return watch.findings();
    }

    @Override
    public void offer(Consumer<HandedSocket> to) {
        // All of it is in the kernel by name.
    }

    @Override
    public void leave() {
        failures = List.of();
    }

    @Override
    public void close() {
        routes.close();
        if (guard != null) {
            guard.close();
        }
        if (returnPath != null) {
            returnPath.close();
        }
        if (bridges != null) {
            bridges.close();
        }
        closeOthers();
        failures = left();
    }

    /// What an agent that was configured otherwise had made, before this one took over from it.
    private void closeOthers() {
        if (guard == null) {
            new VipGuard(HostProgram.nft()).close();
        }
        if (returnPath == null) {
            new ReturnPath(HostProgram.ip(), HostProgram.nft()).close();
            new PodBridges(HostProgram.ip(), HostProgram.nft()).close();
        }
    }

    /// What could not be removed, in the words of each part.
    private List<String> left() {
        List<String> all = new ArrayList<>(routes.messages());
        if (guard != null) {
            guard.failure().ifPresent(all::add);
        }
        if (returnPath != null) {
            all.addAll(returnPath.failures().values());
        }
        if (bridges != null) {
            all.addAll(bridges.failures().values());
        }
        return all.stream().distinct().toList();
    }
}
