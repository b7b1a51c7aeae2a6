package io.fairlead.k8s.admin;

import io.fairlead.core.DataPlane;
import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.FlowTotals;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.Vip;
import io.fairlead.core.table.ServedSet;
import io.fairlead.core.table.ServiceEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Makes pages of the service ports that a data plane serves. Stateless; any thread.
final class ServicesPage {

    /// Backends of a page of services, about: some 500 KiB of JSON.
    private static final int MAX_BACKENDS = 5_000;

    private final DataPlane plane;

    ServicesPage(DataPlane plane) {
        this.plane = plane;
    }

    /// A page of service ports.
    ///
    /// @param namespace of those wanted; empty for all
    /// @param search part of the namespaced name of those wanted; empty for all
    /// @param after the name after which the page starts; empty for the first
    ServicesReport page(String namespace, String search, String after, int most) {
        List<ServiceEntry> wanted =
                plane.view().stream()
                        .filter(e -> namespace.isEmpty() || isIn(e, namespace))
                        .filter(e -> matches(e, search))
                        .toList();
        List<ServiceEntry> rest =
                wanted.stream()
                        .filter(e -> after.isEmpty() || name(e).compareTo(after) > 0)
                        .sorted(Comparator.comparing(ServicesPage::name))
                        .limit(most + 1L)
                        .toList();
        int size = fitting(rest, most);
        boolean last = size == rest.size();
        List<ServiceEntry> page = rest.subList(0, size);
        return new ServicesReport(
                wanted.size(),
                page.stream().map(ServicesPage::port).toList(),
                last ? null : name(page.getLast()));
    }

    /// How many of the first ones make a page: one at least, and no more once there are many
    /// backends.
    private static int fitting(List<ServiceEntry> entries, int most) {
        int backends = 0;
        int size = 0;
        while (size < Math.min(entries.size(), most) && (size == 0 || backends < MAX_BACKENDS)) {
            backends += entries.get(size).group().backends().size();
            size++;
        }
        return size;
    }

    private static boolean isIn(ServiceEntry entry, String namespace) {
        return entry.port().name().namespace().equals(namespace);
    }

    private static String name(ServiceEntry entry) {
        return entry.port().name().toString();
    }

    private static boolean matches(ServiceEntry entry, String search) {
        return search.isEmpty()
                || name(entry).contains(search)
                || entry.port().vips().stream().anyMatch(v -> v.at().toString().contains(search));
    }

    private static ServicesReport.Port port(ServiceEntry entry) {
        ServicePort port = entry.port();
        ServicePortName name = port.name();
        return new ServicesReport.Port(
                name.namespace(),
                name.service(),
                name.port(),
                name.protocol().toString(),
                Words.family(name.family()),
                port.vips().stream().map(ServicesPage::vip).toList(),
                port.balancing().policy().word(),
                port.affinitySeconds().isPresent() ? port.affinitySeconds().getAsInt() : null,
                servedTo(port),
                traffic(entry),
                backends(entry));
    }

    private static ServicesReport.Vip vip(Vip vip) {
        return new ServicesReport.Vip(
                Words.kind(vip.kind()),
                vip.address().isAny() ? "*" : vip.address().toString(),
                vip.port());
    }

    private static List<ServicesReport.ServedTo> servedTo(ServicePort port) {
        List<ServicesReport.ServedTo> all = new ArrayList<>();
        for (ServedSet kind : ServedSet.values()) {
            BackendSet set = kind.of(port);
            if (set != null) {
                all.add(
                        new ServicesReport.ServedTo(
                                Words.clients(kind),
                                set.verdict().name().toLowerCase(Locale.ROOT),
                                set.backends().size()));
            }
        }
        return all;
    }

    private static ServicesReport.Traffic traffic(ServiceEntry entry) {
        FlowTotals totals = entry.group().totals();
        int live = entry.group().live();
        return totals == null
                ? new ServicesReport.Traffic(live, 0, 0, 0, 0)
                : new ServicesReport.Traffic(
                        live,
                        totals.opened(),
                        totals.receivedBytes(),
                        totals.returnedBytes(),
                        totals.connectFailures());
    }

    private static List<ServicesReport.Backend> backends(ServiceEntry entry) {
        Set<AddressPort> serving = entry.backendAddresses();
        return entry.group().backends().stream()
                .sorted(Comparator.comparing(Backend::at))
                .map(b ->
                        new ServicesReport.Backend(
                                b.at().toString(),
                                Words.state(b, serving.contains(b.at())),
                                b.live(),
                                b.opened(),
                                b.failures(),
                                b.lastFailure()))
                .toList();
    }
}
