package io.fairlead.k8s.admin;

import io.fairlead.core.DataPlane;
import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.FlowTotals;
import io.fairlead.core.flow.FlowQuery;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.table.ServiceEntry;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.status.BuildInfo;
import io.fairlead.k8s.sync.Moment;
import io.fairlead.k8s.sync.RecentChanges;
import io.fairlead.k8s.sync.SyncProgress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Makes reports of what an agent does, each of one moment. Stateless; any thread.
final class Reports {

    private static final int PROBLEMS_SHOWN = 20;

    private final AdminView view;

    Reports(AdminView view) {
        this.view = view;
    }

    StatusReport status() {
        BuildInfo build = BuildInfo.read();
        DataPlane plane = view.plane();
        List<Problem> problems = view.sync().problems().current();
        List<StatusReport.Ejected> ejected = ejected(plane);
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
                ejected.size(),
                ejected.stream().limit(PROBLEMS_SHOWN).toList(),
                problems.size(),
                problems.stream().limit(PROBLEMS_SHOWN).toList());
    }

    private static List<StatusReport.Ejected> ejected(DataPlane plane) {
        return plane.view().stream()
                .filter(e -> e.ejected() > 0)
                .flatMap(e ->
                        e.group().backends().stream()
                                .filter(Backend::isEjected)
                                .map(b ->
                                        new StatusReport.Ejected(
                                                e.port().name().qualifiedService(),
                                                b.at().toString(),
                                                b.failures(),
                                                b.lastFailure())))
                .toList();
    }

    /// Problems from one place on.
    ///
    /// @param object of those wanted, such as `Service default/web`; empty for all
    List<Problem> problems(String object, int skip, int most) {
        return view.sync().problems().current().stream()
                .filter(p -> object.isEmpty() || p.object().equals(object))
                .skip(skip)
                .limit(most)
                .toList();
    }

    /// The last changes.
    ChangesReport changes(int most) {
        return new ChangesReport(
                view.sync().recentChanges().latest(most).stream().map(Reports::change).toList());
    }

    private static ChangesReport.Change change(RecentChanges.Change change) {
        Duration triggered = change.triggered();
        return new ChangesReport.Change(
                change.at().truncatedTo(ChronoUnit.MILLIS).toString(),
                change.generation(),
                change.added(),
                change.changed(),
                change.gone(),
                change.services(),
                seconds(change.waited()),
                seconds(change.applying()),
                triggered == null ? null : seconds(triggered));
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
                plane.counts().connectFailures(),
                plane.counts().dialRefusals(),
                plane.counts().acceptPauses(),
                plane.clients().size());
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
