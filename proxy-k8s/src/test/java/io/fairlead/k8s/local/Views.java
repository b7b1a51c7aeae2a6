package io.fairlead.k8s.local;

import io.fairlead.core.service.ServicePort;
import java.util.ArrayList;
import java.util.List;

/// Views as values: everything in them, in a fixed order.
final class Views {
    private Views() {}

    static List<Object> everything(LocalView view) {
        List<Object> all = new ArrayList<>();
        List<ServicePort> ports = view.sortedPorts();
        all.addAll(ports);
        all.addAll(view.snapshot().node().nodePortAddresses().stream().sorted().toList());
        all.addAll(view.healthChecks());
        all.addAll(view.hintNotes());
        all.addAll(view.problems());
        all.add("zone " + view.zone());
        return all;
    }
}
