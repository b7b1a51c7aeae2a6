package io.fairlead.core.table;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.balance.AffinityPicker;
import io.fairlead.core.balance.AffinityTable;
import io.fairlead.core.balance.BackendPicker;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.BackendSpec;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.ServicePort;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The backends of one backend set with what chooses among them.
///
/// Built by the control thread, then only read; the backends' live counts move underneath.
public final class BackendPool {

    private final Backend[] backends;
    private final BackendPicker picker;
    private final @Nullable AffinityPicker affinity;
    private final BackendGroup group;

    // How many are ejected, with the group's count of changes at which that was so. Any event loop
    // writes it.
    private volatile long ejected = -1;

    private BackendPool(
            Backend[] backends,
            BackendPicker picker,
            @Nullable AffinityPicker affinity,
            BackendGroup group) {
        this.group = group;
        this.backends = backends;
        this.picker = picker;
        this.affinity = affinity;
    }

    /// The pool of a set of `port` that forwards, with its backends taken from `group`.
    static BackendPool of(
            BackendSet set, ServicePort port, BackendGroup group, AffinityTable clients) {
        List<BackendSpec> specs = set.backends();
        Backend[] backends = new Backend[specs.size()];
        int[] weights = new int[backends.length];
        for (int i = 0; i < backends.length; i++) {
            backends[i] = group.backend(specs.get(i).at());
            weights[i] = specs.get(i).weight();
        }
        warm(port.balancing().policy(), backends, weights);
        boolean sticky = port.affinitySeconds().isPresent();
        BackendPicker picker = BackendPicker.of(port.balancing(), sticky, backends, weights);
        AffinityPicker affinity =
                sticky
                        ? new AffinityPicker(
                                clients, port.name(), affinityNs(port), backends, picker)
                        : null;
        return new BackendPool(backends, picker, affinity, group);
    }

    /// Gives backends that start slowly less than their share. Not where nodes must agree, which do
    /// not know each other's time.
    private static void warm(Balancing.Policy policy, Backend[] backends, int[] weights) {
        boolean hashes =
                policy == Balancing.Policy.MAGLEV || policy == Balancing.Policy.SOURCE_HASH;
        boolean warming = false;
        for (Backend backend : backends) {
            warming |= backend.share() != Backend.FULL_SHARE;
        }
        for (int i = 0; warming && !hashes && i < weights.length; i++) {
            weights[i] *= backends[i].share();
        }
    }

    private static long affinityNs(ServicePort port) {
        return TimeUnit.SECONDS.toNanos(port.affinitySeconds().orElseThrow());
    }

    public BackendPicker picker() {
        return picker;
    }

    /// What clients stick by; null without session affinity.
    public @Nullable AffinityPicker affinity() {
        return affinity;
    }

    /// Whether more than half of the backends are ejected.
    public boolean isMostlyEjected() {
        long changes = group.ejectionChanges();
        long known = ejected;
        if (known >>> Integer.SIZE != changes || known < 0) {
            known = changes << Integer.SIZE | countEjected();
            ejected = known;
        }
        return (known & 0xffff_ffffL) * 2 > backends.length;
    }

    private int countEjected() {
        int count = 0;
        for (Backend backend : backends) {
            count += backend.isEjected() ? 1 : 0;
        }
        return count;
    }

    public int size() {
        return backends.length;
    }

    public Backend backend(int index) {
        return backends[index];
    }
}
