package io.fairlead.core;

import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.capture.BoundListeners;
import io.fairlead.core.capture.Capture;
import io.fairlead.core.capture.CaptureFailure;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.table.Frontend;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.table.ServiceChange;
import io.fairlead.core.table.ServiceEntry;
import io.fairlead.core.table.SnapshotDiff;
import io.fairlead.core.table.VipTable;
import io.fairlead.core.tcp.TcpRelay;
import io.fairlead.core.transport.EventLoops;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The data plane behind its one door, [#apply].
///
/// All methods are called by one control thread, but [#view], which any thread may call. Event
/// loops never wait for it: they see a change when its table is published.
public final class DataPlane implements AutoCloseable {

    private final EventLoops loops;
    private final PublishedTable published = new PublishedTable();
    private final TcpRelay relay;
    private final Capture capture;
    private final Map<ServicePortName, ServiceEntry> entries = new HashMap<>();
    private final Map<ServicePortName, BackendGroup> groups = new HashMap<>();

    // Removed while flows still held their backends.
    private final Set<ServicePortName> leaving = new HashSet<>();

    private ServiceSnapshot applied = ServiceSnapshot.EMPTY;
    private boolean closed;

    // Written by the control thread after each change, read by anyone.
    private volatile List<ServiceEntry> view = List.of();

    private DataPlane(EventLoops loops) {
        this.loops = loops;
        this.relay = new TcpRelay(loops, published);
        this.capture = new BoundListeners(relay);
    }

    /// Starts with an empty table.
    ///
    /// @throws IllegalStateException when the transport is not available; the message says why
    public static DataPlane start(int threads) {
        return new DataPlane(EventLoops.epoll(threads));
    }

    /// Serves `next` and nothing else. Flows that live keep their backends.
    ///
    /// Returns when new connections are led by it, with what could not be captured.
    public List<CaptureFailure> apply(ServiceSnapshot next) {
        List<ServiceChange> changes = SnapshotDiff.between(applied, next);
        boolean moved = !applied.nodeAddresses().equals(next.nodeAddresses());
        applied = next;
        if (changes.isEmpty() && !moved) {
            return retry();
        }
        changes.forEach(this::prepare);
        VipTable table = VipTable.of(entries.values(), next.nodeAddresses());
        Set<Frontend> wanted = table.frontends();
        // A frontend leaves the capture before it leaves the table, and enters the table before
        // the capture: whoever is accepted is served.
        Set<Frontend> staying = new HashSet<>(published.current().frontends());
        if (staying.retainAll(wanted)) {
            capture.update(staying);
        }
        published.publish(table);
        List<CaptureFailure> failures = capture.update(wanted);
        changes.forEach(this::retire);
        forgetLeft();
        view = List.copyOf(entries.values());
        return failures;
    }

    /// Tries again to capture what could not be.
    public List<CaptureFailure> retry() {
        return capture.update(published.current().frontends());
    }

    private void prepare(ServiceChange change) {
        switch (change) {
            case ServiceChange.Added(ServicePort port) -> enter(port);
            case ServiceChange.Updated(_, ServicePort after) -> enter(after);
            case ServiceChange.Removed(ServicePort port) -> entries.remove(port.name());
        }
    }

    private void enter(ServicePort port) {
        BackendGroup group = groups.computeIfAbsent(port.name(), BackendGroup::new);
        entries.put(port.name(), ServiceEntry.of(port, group));
    }

    /// Forgets the backends and groups that no table names and no flow holds any more.
    private void retire(ServiceChange change) {
        ServicePortName name = change.name();
        BackendGroup group = groups.get(name);
        ServiceEntry entry = entries.get(name);
        if (group != null && entry != null) {
            group.retain(entry.backendAddresses());
        } else if (group != null) {
            leaving.add(name);
        }
    }

    private void forgetLeft() {
        for (ServicePortName name : List.copyOf(leaving)) {
            BackendGroup group = groups.get(name);
            if (entries.containsKey(name) || group == null) {
                leaving.remove(name);
            } else if (group.live() == 0) {
                groups.remove(name);
                leaving.remove(name);
            }
        }
    }

    /// The service port that a frontend leads to; null where none does.
    public @Nullable ServicePortName servedAt(Frontend frontend) {
        VipTable.Row row = published.current().lookup(frontend);
        return row == null ? null : row.entry().port().name();
    }

    /// Every service port with its backends, sorted by name; counts are a moment old.
    public List<ServiceEntry> view() {
        List<ServiceEntry> sorted = new ArrayList<>(view);
        sorted.sort(Comparator.comparing(e -> e.port().name()));
        return sorted;
    }

    /// How clients reach us, and why so.
    public String captureDescription() {
        return capture.description();
    }

    public String transport() {
        return loops.transport();
    }

    /// Flows now open.
    public long liveFlows() {
        return relay.liveFlows();
    }

    /// Connections to backends that failed since the start.
    public long connectFailures() {
        return relay.connectFailures();
    }

    /// Times a lack of descriptors or memory kept a listener from accepting.
    public long acceptPauses() {
        return relay.acceptPauses();
    }

    /// Blocks of memory between the two sides of flows; none when nothing is under way.
    int heldBlocks() {
        return relay.heldBlocks();
    }

    /// Refuses new clients and resets every flow. A second call does nothing.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        capture.close();
        loops.close();
        relay.close();
    }
}
