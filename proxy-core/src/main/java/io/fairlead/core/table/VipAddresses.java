package io.fairlead.core.table;

import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.Vip;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The addresses that are VIPs of some service port, with or without a backend. Control thread
/// only.
public final class VipAddresses {

    private final Map<IpAddress, Integer> claims = new HashMap<>();
    private final Set<IpAddress> added = new HashSet<>();
    private final Set<IpAddress> removed = new HashSet<>();

    /// Counts one change.
    ///
    /// @param before null for a new port
    /// @param after null for a port that is gone
    public void change(@Nullable ServicePort before, @Nullable ServicePort after) {
        if (after != null) {
            after.vips().forEach(vip -> count(vip, 1));
        }
        if (before != null) {
            before.vips().forEach(vip -> count(vip, -1));
        }
    }

    private void count(Vip vip, int by) {
        if (vip.kind() == Vip.Kind.NODE_PORT) {
            return;
        }
        IpAddress address = vip.address();
        Integer held = claims.get(address);
        Integer left =
                claims.merge(address, by, (a, b) -> a + b == 0 ? null : Integer.valueOf(a + b));
        if (held == null) {
            note(address, added, removed);
        } else if (left == null) {
            note(address, removed, added);
        }
    }

    /// What comes and goes again before anybody asked was never there.
    private static void note(IpAddress address, Set<IpAddress> to, Set<IpAddress> opposite) {
        if (!opposite.remove(address)) {
            to.add(address);
        }
    }

    public boolean contains(IpAddress address) {
        return claims.containsKey(address);
    }

    /// The addresses that are new since the last call.
    public Set<IpAddress> takeAdded() {
        return take(added);
    }

    /// The addresses that are gone since the last call.
    public Set<IpAddress> takeRemoved() {
        return take(removed);
    }

    private static Set<IpAddress> take(Set<IpAddress> noted) {
        Set<IpAddress> all = Set.copyOf(noted);
        noted.clear();
        return all;
    }
}
