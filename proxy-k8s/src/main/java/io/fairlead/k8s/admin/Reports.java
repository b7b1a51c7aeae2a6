package io.fairlead.k8s.admin;

import io.fairlead.core.DataPlane;
import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.FlowTotals;
import io.fairlead.core.flow.FlowQuery;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.Vip;
import io.fairlead.core.table.ServedSet;
import io.fairlead.core.table.ServiceEntry;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.status.BuildInfo;
import io.fairlead.k8s.sync.Moment;
import io.fairlead.k8s.sync.SyncProgress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes reports of what an agent does, each of one moment. Stateless; any thread.
final class Reports {

    /// Backends of a page of services, about: some 500 KiB of JSON.
    private static final int MAX_BACKENDS = 5_000;

    private static final int PROBLEMS_SHOWN = 20;

    private final AdminView view;

    Reports(AdminView view) {
        this.view = view;
    }

    StatusReport status() {
        BuildInfo build = BuildInfo.read();
        DataPlane plane = view.plane();
        List<Problem> problems = view.sync().problems().current();
        return new StatusReport(
                build.version(),
                build.commit(),
                view.node(),
                view.source(),
                view.started().truncatedTo(ChronoUnit.SECONDS).toString(),
                seconds(Duration.between(view.started(), Instant.now())),
                plane.captureDescription(),
                plane.transport(),
                view.loops(),
                state(),
                api(),
                totals(plane),
                problems.size(),
                problems.stream().limit(PROBLEMS_SHOWN).toList());
    }

    /// All problems from one place on.
    List<Problem> problems(int skip, int most) {
        return view.sync().problems().current().stream().skip(skip).limit(most).toList();
    }

    private StatusReport.State state() {
        SyncProgress progress = view.sync().progress();
        Moment now = Moment.now();
        return new StatusReport.State(
                progress.applied().generation(),
                progress.lastApplied().map(then -> seconds(now.since(then))).orElse(null),
                seconds(progress.lastDuration()),
                progress.unappliedSince().map(then -> seconds(now.since(then))).orElse(0.0));
    }

    private StatusReport.@Nullable Api api() {
        return view.states()
                .apiStatus()
                .map(s -> new StatusReport.Api(seconds(s.contactAge()), s.watching(), s.stale()))
                .orElse(null);
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1e3;
    }

    private static StatusReport.Totals totals(DataPlane plane) {
        List<ServiceEntry> entries = plane.view();
        long backends = 0;
        long opened = 0;
        long received = 0;
        long returned = 0;
        for (ServiceEntry entry : entries) {
            backends += entry.group().backends().size();
            FlowTotals totals = entry.group().totals();
            if (totals != null) {
                opened += totals.opened();
                received += totals.receivedBytes();
                returned += totals.returnedBytes();
            }
        }
        return new StatusReport.Totals(
                entries.stream().map(e -> e.port().name().qualifiedService()).distinct().count(),
                entries.size(),
                plane.frontends(),
                backends,
                plane.liveFlows(),
                opened,
                received,
                returned,
                plane.connectFailures(),
                plane.dialRefusals(),
                plane.acceptPauses(),
                plane.clients().size());
    }

    /// A page of service ports.
    ///
    /// @param namespace of those wanted; empty for all
    /// @param search part of the namespaced name of those wanted; empty for all
    /// @param after the name after which the page starts; empty for the first
    ServicesReport services(String namespace, String search, String after, int most) {
        List<ServiceEntry> wanted =
                view.plane().view().stream()
                        .filter(e -> namespace.isEmpty() || isIn(e, namespace))
                        .filter(e -> matches(e, search))
                        .toList();
        List<ServiceEntry> rest =
                wanted.stream()
                        .filter(e -> after.isEmpty() || name(e).compareTo(after) > 0)
                        .sorted(Comparator.comparing(Reports::name))
                        .limit(most + 1L)
                        .toList();
        int size = fitting(rest, most);
        boolean last = size == rest.size();
        List<ServiceEntry> page = rest.subList(0, size);
        return new ServicesReport(
                wanted.size(),
                page.stream().map(Reports::port).toList(),
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
                port.vips().stream().map(Reports::vip).toList(),
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
                                b.opened()))
                .toList();
    }

    /// Live flows.
    ///
    /// @param service `NAMESPACE/NAME` or a name in any namespace; empty for all
    FlowsReport flows(String service, int most) {
        int slash = service.indexOf('/');
        FlowQuery query =
                new FlowQuery(
                        slash < 0 ? null : service.substring(0, slash),
                        service.isEmpty() ? null : service.substring(slash + 1),
                        most);
        DataPlane.Flows flows = view.plane().flows(query);
        return new FlowsReport(
                flows.complete(), flows.flows().stream().map(Reports::flow).toList());
    }

    private static FlowsReport.Flow flow(FlowView flow) {
        AddressPort source = flow.source();
        return new FlowsReport.Flow(
                flow.protocol().toString(),
                flow.client().toString(),
                flow.vip().toString(),
                flow.service().toString(),
                flow.backend().toString(),
                source == null ? null : source.toString(),
                seconds(Duration.ofNanos(flow.ageNs())),
                flow.receivedBytes(),
                flow.returnedBytes(),
                flow.state().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    }
}
