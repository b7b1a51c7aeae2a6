package io.fairlead.core.table;

import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.PersistentMap;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.Vip;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The addresses that are VIPs of some service port, with or without a backend. Control thread
/// only, but for the maps it hands out.
final class VipAddresses {

    // Address -> how many VIPs it has.
    private PersistentMap<IpAddress, Integer> claims = PersistentMap.empty();

    private final Set<IpAddress> added = new HashSet<>();
    private final Set<IpAddress> removed = new HashSet<>();

    /// Counts one change.
    ///
    /// @param before null for a new port
    /// @param after null for a port that is gone
    void change(@Nullable ServicePort before, @Nullable ServicePort after) {
        if (before != null && after != null && before.vips().equals(after.vips())) {
            return;
        }
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
        int left = (held == null ? 0 : held) + by;
        claims = claims.with(address, left == 0 ? null : Integer.valueOf(left));
        if (held == null) {
            note(address, added, removed);
        } else if (left == 0) {
            note(address, removed, added);
        }
    }

    /// What comes and goes again before anybody asked was never there.
    private static void note(IpAddress address, Set<IpAddress> to, Set<IpAddress> opposite) {
        if (!opposite.remove(address)) {
            to.add(address);
        }
    }

    /// The addresses as they are now.
    PersistentMap<IpAddress, Integer> current() {
        return claims;
    }

    /// The addresses that are new since the last call.
    Set<IpAddress> takeAdded() {
        return take(added);
    }

    /// The addresses that are gone since the last call.
    Set<IpAddress> takeRemoved() {
        return take(removed);
    }

    private static Set<IpAddress> take(Set<IpAddress> noted) {
        Set<IpAddress> all = Set.copyOf(noted);
        noted.clear();
        return all;
    }
}
