package io.fairlead.core.table;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.balance.BackendPicker;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.BackendSpec;
import io.fairlead.core.service.ServicePort;
import java.util.List;

/// The backends of one backend set with the picker that chooses among them.
///
/// Built by the control thread, then only read; the backends' live counts move underneath.
public final class BackendPool {

    private final Backend[] backends;
    private final BackendPicker picker;

    private BackendPool(Backend[] backends, BackendPicker picker) {
        this.backends = backends;
        this.picker = picker;
    }

    /// The pool of a set that forwards, with its backends taken from `group`.
    static BackendPool of(BackendSet set, ServicePort port, BackendGroup group) {
        List<BackendSpec> specs = set.backends();
        Backend[] backends = new Backend[specs.size()];
        int[] weights = new int[backends.length];
        for (int i = 0; i < backends.length; i++) {
            backends[i] = group.backend(specs.get(i).at());
            weights[i] = specs.get(i).weight();
        }
        return new BackendPool(
                backends,
                BackendPicker.of(
                        port.balancing(), port.affinitySeconds().isPresent(), backends, weights));
    }

    public BackendPicker picker() {
        return picker;
    }

    public int size() {
        return backends.length;
    }

    public Backend backend(int index) {
        return backends[index];
    }
}
