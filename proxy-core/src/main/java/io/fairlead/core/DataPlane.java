package io.fairlead.core;

import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.backend.EjectionLog;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.backend.FlowRefusal;
import io.fairlead.core.balance.AffinityTable;
import io.fairlead.core.capture.CaptureFailure;
import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.capture.Captures;
import io.fairlead.core.capture.HeldCapture;
import io.fairlead.core.capture.HostRoutes;
import io.fairlead.core.flow.ClientAddresses;
import io.fairlead.core.flow.ClosedFlows;
import io.fairlead.core.flow.FlowDecision;
import io.fairlead.core.flow.FlowQuery;
import io.fairlead.core.flow.FlowTuple;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.flow.RefusedDials;
import io.fairlead.core.handover.Inheritance;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.PersistentMap;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.table.Frontend;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.table.ServiceChange;
import io.fairlead.core.table.ServiceEntry;
import io.fairlead.core.table.SnapshotDiff;
import io.fairlead.core.table.TableBuilder;
import io.fairlead.core.table.TableUpdate;
import io.fairlead.core.table.VipTable;
import io.fairlead.core.tcp.TcpRelay;
import io.fairlead.core.transport.ClientAddress;
import io.fairlead.core.transport.EventLoops;
import io.fairlead.core.transport.LoopDelay;
import io.fairlead.core.udp.UdpCount;
import io.fairlead.core.udp.UdpOptions;
import io.fairlead.core.udp.UdpRelay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The data plane behind its one door, [#apply].
///
/// All methods are called by one control thread, but those that say that any may. Event loops never
/// wait for it: they see a change when its table is published.
public final class DataPlane implements AutoCloseable {

    private static final long REPAIR_INTERVAL_NS = TimeUnit.SECONDS.toNanos(30);

    /// Expired clients cost memory only.
    private static final long REAP_INTERVAL_NS = TimeUnit.MINUTES.toNanos(1);

    private final EventLoops loops;
    private final PublishedTable published = new PublishedTable();
    private final RefusedDials refusedDials = new RefusedDials();
    private final ClosedFlows closedFlows = new ClosedFlows();
    private final TcpRelay relay;
    private final UdpRelay datagrams;
    private final HeldCapture capture = new HeldCapture();
    private final PlaneHandOver handOver;
    private final TableBuilder builder;
    private final EjectionLog ejections = new EjectionLog();
    private final BackendGroups groups;
    private final AffinityTable clients;
    private final LongSupplier clock;
    private final ClientAddresses clientAddresses = new ClientAddresses();
    private String clientDescription = "";
    private final PlaneOptions options;
    private @Nullable HostRoutes host;
    private long lastReapNs;
    private long lastRepairNs;

    private ServiceSnapshot applied = ServiceSnapshot.EMPTY;
    private boolean closed;

    // Written by the control thread after each change, read by anyone.
    private volatile PersistentMap<ServicePortName, ServiceEntry> view = PersistentMap.empty();

    private DataPlane(EventLoops loops, PlaneOptions options) {
        this.loops = loops;
        this.clock = options.clock();
        this.lastRepairNs = clock.getAsLong();
        this.clients = new AffinityTable(options.affinityClients());
        this.builder = new TableBuilder(options.loopbackBackends());
        this.groups = new BackendGroups(options.ejection(), ejections);
        this.relay =
                new TcpRelay(
                        loops,
                        published,
                        clientAddresses,
                        refusedDials,
                        closedFlows,
                        options.tcp(),
                        options.connect(),
                        clock);
        this.datagrams =
                new UdpRelay(
                        loops,
                        published,
                        options.udp(),
                        clientAddresses,
                        refusedDials,
                        closedFlows,
                        clock);
        this.options = options;
        this.handOver =
                new PlaneHandOver(
                        new PlaneHandOver.Parts(
                                new Relays(relay, datagrams, new Inheritance()),
                                capture,
                                clients,
                                clock,
                                this::beginCapture,
                                builder::entry,
                                this::view));
    }

    private void beginCapture(Relays relays) throws IOException {
        capture.open(() ->
                Captures.open(
                        options.capture(),
                        relays,
                        mode -> hostRoutes(mode, options.keepClientAddress()),
                        relays.inherited()));
        clientDescription = ClientDescription.of(host, options.keepClientAddress());
        followHost();
    }

    /// For one process to go on where another was.
    public PlaneHandOver handOver() {
        return handOver;
    }

    /// Whether it looks after routes, rules and the like.
    public boolean keepsHost() {
        return host != null;
    }

    private HostRoutes hostRoutes(CaptureMode mode, boolean keepClients) {
        HostRoutes made = new HostRoutes(mode, keepClients && ClientAddress.isPermitted());
        host = made;
        return made;
    }

    /// What the host allows now.
    private void followHost() {
        if (host != null) {
            clientAddresses.allow(host.returnFamilies(), host.unreturnable());
        }
    }

    /// Starts on loopback, with an empty table.
    ///
    /// @throws IllegalStateException when the transport is not available; the message says why
    public static DataPlane start(int threads) {
        return start(threads, System::nanoTime);
    }

    /// As [#start(int)].
    ///
    /// @param clock nanoseconds, from any start, never backwards; for session affinity
    static DataPlane start(int threads, LongSupplier clock) {
        try {
            return start(PlaneOptions.loopback(threads).withClock(clock));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // listeners on loopback need nothing
        }
    }

    /// Starts with an empty table, in the network namespace of the calling thread.
    ///
    /// @throws IllegalStateException when the transport is not available; the message says why
    /// @throws IOException when the way of capture that is asked for cannot work here; the message
    ///   says what is missing
    public static DataPlane start(PlaneOptions options) throws IOException {
        DataPlane plane = startAside(options);
        try {
            plane.handOver.capture(new Inheritance());
            return plane;
        } catch (IOException e) {
            plane.close();
            throw e;
        }
    }

    /// The same beside another agent, from which it is about to take over: nothing is captured
    /// until [PlaneHandOver#capture].
    public static DataPlane startAside(PlaneOptions options) {
        return new DataPlane(EventLoops.open(options.threads(), options.loops()), options);
    }

    /// Serves `next` and nothing else. Flows that live keep their backends.
    ///
    /// Returns when new connections are led by it, with what cannot be captured.
    public List<CaptureFailure> apply(ServiceSnapshot next) {
        List<ServiceEntry> put = new ArrayList<>();
        List<ServicePortName> gone = new ArrayList<>();
        List<ServiceChange> changes = SnapshotDiff.between(applied, next);
        for (ServiceChange change : changes) {
            switch (change) {
                case ServiceChange.Added(ServicePort port) -> put.add(entry(port));
                case ServiceChange.Updated(_, ServicePort after) -> put.add(entry(after));
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
        return capture.failures();
    }

    private ServiceEntry entry(ServicePort port) {
        return ServiceEntry.of(port, groups.follow(port, clock.getAsLong()), clients);
    }

    /// A frontend leaves the capture before it leaves the table, and enters the table before the
    /// capture: whoever is accepted is served.
    private void publish(TableUpdate update, NodeNetwork node) {
        capture.remove(update.removed());
        published.publish(update.table());
        capture.follow(node, update.vipsAdded(), update.vipsRemoved());
        followHost();
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

    /// Does what time asks for: tries again what could not be captured, forgets backends without
    /// flows and clients that no longer stick, and logs which backends were ejected. To be called
    /// every few seconds.
    ///
    /// @return what still cannot be captured
    public List<CaptureFailure> maintain() {
        long nowNs = clock.getAsLong();
        capture.retry();
        handOver.maintain();
        if (nowNs - lastRepairNs >= REPAIR_INTERVAL_NS) {
            lastRepairNs = nowNs;
            capture.repair();
            followHost();
        }
        groups.forgetLeft();
        EjectionReport.write(ejections.take());
        warm(nowNs);
        if (nowNs - lastReapNs >= REAP_INTERVAL_NS) {
            lastReapNs = nowNs;
            clients.reap(nowNs);
        }
        return capture.failures();
    }

    /// Gives backends in their slow start what they have grown into.
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

    /// Who sticks to which backend.
    public AffinityTable clients() {
        return clients;
    }

    /// The service port that a frontend leads to; null where none does.
    public @Nullable ServicePortName servedAt(Frontend frontend) {
        VipTable.Row row = published.current().lookup(frontend);
        return row == null ? null : row.entry().port().name();
    }

    /// Every service port with its backends, sorted by name; counts are a moment old. Any thread.
    public List<ServiceEntry> view() {
        return view.values().sorted(Comparator.comparing(e -> e.port().name())).toList();
    }

    /// Places where clients arrive, those that cannot be captured among them.
    public int frontends() {
        return published.current().size();
    }

    /// How clients reach us, and why so.
    public String captureDescription() {
        return capture.description() + "; " + clientDescription;
    }

    /// What is wrong with this node for VIP traffic, one line each.
    public List<String> hostProblems() {
        return host == null
                ? List.of()
                : Stream.concat(host.failures().stream(), host.conflicts().stream()).toList();
    }

    /// What of ours is left in the kernel after [#close], one line each.
    public List<String> leftovers() {
        return closed && host != null ? host.failures() : List.of();
    }

    public String transport() {
        return loops.transport();
    }

    /// Some live flows, oldest first on each event loop.
    ///
    /// @param complete whether these are all that were wanted
    public record Flows(List<FlowView> flows, boolean complete) {
        public Flows {
            flows = List.copyOf(flows);
        }
    }

    /// The live flows that are wanted, at most `query.max()`. Any thread but an event loop's; waits
    /// for each loop.
    public Flows flows(FlowQuery query) {
        List<FlowView> found = new ArrayList<>();
        boolean complete = relay.list(query, found);
        complete &= datagrams.list(query, found);
        return found.size() > query.max()
                ? new Flows(found.subList(0, query.max()), false)
                : new Flows(found, complete);
    }

    /// What would become of a flow that came now. Any thread.
    ///
    /// @param clientPort 0 where that is not known
    public FlowDecision decide(
            Protocol protocol, IpAddress client, int clientPort, AddressPort vip) {
        FlowTuple flow =
                new FlowTuple()
                        .arrivedAt(protocol, vip)
                        .from(client.high(), client.low(), clientPort)
                        .when(clock.getAsLong());
        FlowDecision decision = FlowDecision.of(published.current(), flow, clientAddresses);
        VipTable.Row row = decision.row();
        return row == null || decision.pool() == null || protocol != Protocol.TCP
                ? decision
                : decision.within(relay.foreseeLimit(row.entry().group(), flow));
    }

    /// Where flows go that have ended, for one thread that wants them.
    public ClosedFlows closedFlows() {
        return closedFlows;
    }

    /// The table in force. Any thread.
    public VipTable table() {
        return published.current();
    }

    /// Flows now open, of both protocols.
    public long liveFlows() {
        return relay.liveFlows() + datagrams.liveFlows();
    }

    /// Flows of datagrams that ended to make room for others.
    public long evictedFlows() {
        return datagrams.evictedFlows();
    }

    /// Flows of datagrams since the start.
    long openedDatagramFlows() {
        return datagrams.count(UdpCount.OPENED);
    }

    /// Flows of datagrams now live.
    public long liveDatagramFlows() {
        return datagrams.liveFlows();
    }

    /// What is counted of datagrams, a moment old. Any thread.
    public long datagrams(UdpCount what) {
        return datagrams.count(what);
    }

    /// Takes other options for datagrams, for what comes from now on. Any thread.
    public void reconfigure(UdpOptions options) {
        datagrams.reconfigure(options);
    }

    /// Connections to backends that failed since the start.
    public long connectFailures() {
        long sum = 0;
        for (ConnectFailure cause : ConnectFailure.values()) {
            sum += relay.connectFailures(cause);
        }
        return sum;
    }

    /// Those of one cause.
    public long connectFailures(ConnectFailure cause) {
        return relay.connectFailures(cause);
    }

    /// Times a flow went on to another backend because one could not be connected to.
    public long connectRetries() {
        return relay.retries();
    }

    /// Flows that were reset because none of their backends could be connected to.
    public long connectsGivenUp() {
        return relay.endedFlows(FlowEnd.NOT_CONNECTED);
    }

    /// Times a backend was ejected since the start.
    public long ejections() {
        return ejections.ejections();
    }

    /// Backends that are ejected now, of those that are served; goes through all service ports.
    public int ejectedBackends() {
        int count = 0;
        for (ServiceEntry entry : view.values().toList()) {
            count += entry.ejected();
        }
        return count;
    }

    /// Flows that ended for a reason, since the start.
    public long endedFlows(FlowEnd why) {
        return relay.endedFlows(why);
    }

    /// Connections that were reset before they became flows, since the start.
    public long refusedFlows(FlowRefusal why) {
        return relay.refusedFlows(why);
    }

    /// Flows that no limit of clients was applied to, for want of room to count them.
    public long uncountedFlows() {
        return relay.uncountedFlows();
    }

    /// Refuses new clients and leaves open flows alone; what the kernel was told for their sake
    /// stays. Nothing may be applied afterwards.
    public void refuseNew() {
        capture.remove(published.current().rows().stream().map(VipTable.Row::frontend).toList());
    }

    /// Times a flow's backend had an address that must not be dialled, since the start.
    public long dialRefusals() {
        return refusedDials.count();
    }

    /// Which backends those were, since the last call.
    public List<RefusedDials.Refused> takeRefusedDials() {
        return refusedDials.take();
    }

    /// Times a lack of descriptors or memory kept a listener from accepting.
    public long acceptPauses() {
        return relay.acceptPauses();
    }

    /// Memory that holds bytes between two sides of connections, a moment old.
    public long bufferedBytes() {
        return relay.bufferedBytes();
    }

    /// Pipes that hold bytes between two sides of connections, a moment old.
    public int heldPipes() {
        return relay.heldPipes();
    }

    /// Bytes that went from side to side through a pipe, without being copied, since the start.
    public long splicedBytes() {
        return relay.splicedBytes();
    }

    /// How late each event loop comes to what is due.
    public List<LoopDelay> loopDelays() {
        return loops.delays();
    }

    /// Blocks of memory and pipes between the two sides of flows; none when nothing is under way.
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
        relay.stop();
        loops.close();
        relay.close();
        datagrams.close();
    }
}
