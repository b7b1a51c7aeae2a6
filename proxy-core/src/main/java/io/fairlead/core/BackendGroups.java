package io.fairlead.core;

import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.backend.EjectionLog;
import io.fairlead.core.backend.EjectionRule;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.table.ServiceEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The backends of all service ports, kept for as long as a table names them or a flow holds them.
/// Control thread only.
final class BackendGroups {

    private final EjectionRule rule;
    private final EjectionLog log;
    private final Map<ServicePortName, BackendGroup> groups = new HashMap<>();

    // Those with a backend that has not its full share yet.
    private final Set<ServicePortName> warming = new HashSet<>();

    // Removed while flows still held their backends.
    private final Set<ServicePortName> leaving = new HashSet<>();

    /// @param rule when backends are ejected
    /// @param log to tell of it
    BackendGroups(EjectionRule rule, EjectionLog log) {
        this.rule = rule;
        this.log = log;
    }

    /// The group of a service port, made when it is new.
    BackendGroup group(ServicePortName name) {
        leaving.remove(name);
        return groups.computeIfAbsent(name, n -> new BackendGroup(n, rule, log));
    }

    /// The group of a service port that is served as `port` says from now on.
    BackendGroup follow(ServicePort port, long nowNs) {
        BackendGroup group = group(port.name());
        group.follow(port.flows(), addresses(port), nowNs);
        if (group.isWarming()) {
            warming.add(port.name());
        }
        return group;
    }

    private static Set<AddressPort> addresses(ServicePort port) {
        Set<AddressPort> addresses = new HashSet<>();
        for (BackendSet set :
                Arrays.asList(port.internal(), port.external(), port.externalFromPodOrNode())) {
            if (set != null) {
                set.backends().forEach(backend -> addresses.add(backend.at()));
            }
        }
        return addresses;
    }

    /// The service ports whose backends' shares have changed with time.
    List<ServicePortName> warm(long nowNs) {
        List<ServicePortName> changed = new ArrayList<>();
        warming.removeIf(name -> {
            BackendGroup group = groups.get(name);
            if (group != null && group.warm(nowNs)) {
                changed.add(name);
            }
            return group == null || !group.isWarming();
        });
        return changed;
    }

    /// A service port has changed: what neither its entry names nor a flow holds is forgotten.
    ///
    /// @param entry as it is served now; null when it is served no more
    void settle(ServicePortName name, @Nullable ServiceEntry entry, long nowNs) {
        BackendGroup group = groups.get(name);
        if (group != null && entry != null) {
            group.retain(entry.backendAddresses());
        } else if (group != null) {
            group.follow(group.rules(), Set.of(), nowNs);
            leaving.add(name);
        }
    }

    /// Forgets the groups that left and whose last flow has ended.
    void forgetLeft() {
        leaving.removeIf(name -> {
            BackendGroup group = groups.get(name);
            if (group != null && group.live() > 0) {
                return false;
            }
            groups.remove(name);
            return true;
        });
    }

    /// How many groups are kept.
    int size() {
        return groups.size();
    }
}
