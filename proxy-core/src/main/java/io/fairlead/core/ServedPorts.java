package io.fairlead.core;

import io.fairlead.core.backend.EjectionLog;
import io.fairlead.core.balance.AffinityTable;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.PersistentMap;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.table.ServiceChange;
import io.fairlead.core.table.ServiceEntry;
import io.fairlead.core.table.SnapshotDiff;
import io.fairlead.core.table.TableBuilder;
import io.fairlead.core.table.TableUpdate;
import io.fairlead.core.udp.UdpRelay;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The service ports that are served: the snapshot that was applied last, with its backends, its
/// table and what is captured for it. Control thread only, but for what says that any may.
final class ServedPorts {

    /// Expired clients cost memory only.
    private static final long REAP_INTERVAL_NS = TimeUnit.MINUTES.toNanos(1);

    private final PublishedTable published;
    private final PlaneCapture capture;
    private final UdpRelay datagrams;
    private final TableBuilder builder;
    private final EjectionLog ejections = new EjectionLog();
    private final BackendGroups groups;
    private final AffinityTable clients;
    private final LongSupplier clock;
    private ServiceSnapshot applied = ServiceSnapshot.EMPTY;
    private long lastReapNs;

    // Written by the control thread after each change, read by anyone.
    private volatile PersistentMap<ServicePortName, ServiceEntry> view = PersistentMap.empty();

    ServedPorts(
            PlaneOptions options,
            PublishedTable published,
            PlaneCapture capture,
            UdpRelay datagrams) {
        this.published = published;
        this.capture = capture;
        this.datagrams = datagrams;
        this.builder = new TableBuilder(options.loopbackBackends());
        this.groups = new BackendGroups(options.ejection(), ejections);
        this.clients = new AffinityTable(options.affinityClients());
        this.clock = options.clock();
    }

    /// Serves `next` and nothing else; returns when new flows are led by it.
    void apply(ServiceSnapshot next) {
        List<ServiceEntry> put = new ArrayList<>();
        List<ServicePortName> gone = new ArrayList<>();
        List<ServiceChange> changes = SnapshotDiff.between(applied, next);
        for (ServiceChange change : changes) {
            switch (change) {
                case ServiceChange.Added(ServicePort port) -> put.add(made(port));
                case ServiceChange.Updated(_, ServicePort after) -> put.add(made(after));
                case ServiceChange.Removed(ServicePort port) -> gone.add(port.name());
            }
        }
        boolean moved = !applied.node().equals(next.node());
        if (!changes.isEmpty() || moved) {
            publish(builder.update(put, gone, next.node()), next.node());
            changes.forEach(this::settle);
            view = builder.entries();
        }
        // Last: what failed on the way is a difference still, and done again by the next call.
        applied = next;
    }

    private ServiceEntry made(ServicePort port) {
        return ServiceEntry.of(port, groups.follow(port, clock.getAsLong()), clients);
    }

    /// A frontend leaves the capture before it leaves the table, and enters the table before the
    /// capture: whoever is accepted is served.
    private void publish(TableUpdate update, NodeNetwork node) {
        capture.remove(update.removed());
        published.publish(update.table());
        capture.follow(node, update.vipsAdded(), update.vipsRemoved());
        capture.add(update.changed());
        capture.add(update.added());
    }

    private void settle(ServiceChange change) {
        ServiceEntry entry = builder.entry(change.name());
        groups.settle(change.name(), entry, clock.getAsLong());
        if (change.name().protocol() == Protocol.UDP && entry != null) {
            builder.frontends(entry).forEach(datagrams::endUnserved);
        }
        if (entry == null || entry.port().affinitySeconds().isEmpty()) {
            forgetClients(change);
        }
    }

    /// Clients of a service port that is gone, or that was told to let go of them.
    private void forgetClients(ServiceChange change) {
        boolean hadClients =
                switch (change) {
                    case ServiceChange.Added _ -> false;
                    case ServiceChange.Updated(ServicePort before, _) ->
                            before.affinitySeconds().isPresent();
                    case ServiceChange.Removed(ServicePort port) ->
                            port.affinitySeconds().isPresent();
                };
        if (hadClients) {
            clients.forget(change.name());
        }
    }

    /// Forgets backends without flows and clients that no longer stick, logs which backends were
    /// ejected, and gives those in their slow start what they have grown into.
    void maintain(long nowNs) {
        groups.forgetLeft();
        EjectionReport.write(ejections.take());
        warm(nowNs);
        if (nowNs - lastReapNs >= REAP_INTERVAL_NS) {
            lastReapNs = nowNs;
            clients.reap(nowNs);
        }
    }

    private void warm(long nowNs) {
        List<ServiceEntry> put = new ArrayList<>();
        for (ServicePortName name : groups.warm(nowNs)) {
            ServiceEntry entry = builder.entry(name);
            if (entry != null) {
                put.add(ServiceEntry.of(entry.port(), entry.group(), clients));
            }
        }
        if (!put.isEmpty()) {
            published.publish(builder.update(put, List.of(), applied.node()).table());
            view = builder.entries();
        }
    }

    /// As it is served; null where it is not.
    @Nullable ServiceEntry entry(ServicePortName name) {
        return builder.entry(name);
    }

    /// Every service port, sorted by name. Any thread.
    List<ServiceEntry> view() {
        return view.values().sorted(Comparator.comparing(e -> e.port().name())).toList();
    }

    /// Who sticks to which backend.
    AffinityTable clients() {
        return clients;
    }

    /// Times a backend was ejected since the start. Any thread.
    long ejections() {
        return ejections.ejections();
    }

    /// Backends that are ejected now. Any thread.
    int ejectedBackends() {
        int count = 0;
        for (ServiceEntry entry : view.values().toList()) {
            count += entry.ejected();
        }
        return count;
    }
}
