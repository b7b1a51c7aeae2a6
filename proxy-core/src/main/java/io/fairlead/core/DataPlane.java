package io.fairlead.core;

import io.fairlead.core.balance.AffinityTable;
import io.fairlead.core.capture.CaptureFailure;
import io.fairlead.core.flow.ClientAddresses;
import io.fairlead.core.flow.ClosedFlows;
import io.fairlead.core.flow.FlowDecision;
import io.fairlead.core.flow.FlowQuery;
import io.fairlead.core.flow.FlowTuple;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.flow.RefusedDials;
import io.fairlead.core.handover.Estate;
import io.fairlead.core.handover.Inheritance;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.table.Frontend;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.table.ServiceEntry;
import io.fairlead.core.table.VipTable;
import io.fairlead.core.tcp.TcpRelay;
import io.fairlead.core.transport.EventLoops;
import io.fairlead.core.udp.UdpOptions;
import io.fairlead.core.udp.UdpRelay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The data plane behind its one door, [#apply].
///
/// All methods are called by one control thread, but those that say that any may. Event loops never
/// wait for it: they see a change when its table is published.
public final class DataPlane implements AutoCloseable {

    private final EventLoops loops;
    private final PublishedTable published = new PublishedTable();
    private final RefusedDials refusedDials = new RefusedDials();
    private final ClosedFlows closedFlows = new ClosedFlows();
    private final ClientAddresses clientAddresses = new ClientAddresses();
    private final TcpRelay relay;
    private final UdpRelay datagrams;
    private final PlaneCapture capture;
    private final ServedPorts ports;
    private final PlaneCounts counts;
    private final PlaneTakeOver takeOver;
    private final PlaneEstate estate;
    private final LongSupplier clock;
    private boolean closed;

    private DataPlane(EventLoops loops, PlaneOptions options) {
        this.loops = loops;
        this.clock = options.clock();
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
        Relays relays = new Relays(relay, datagrams, new Inheritance());
        this.capture = new PlaneCapture(options, clientAddresses);
        this.ports = new ServedPorts(options, published, capture, datagrams);
        this.counts = new PlaneCounts(relays, ports, refusedDials, loops);
        this.takeOver = new PlaneTakeOver(relays, capture, ports, clock);
        this.estate = new PlaneEstate(relays, capture, ports, takeOver, clock);
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
            plane.takeOver.capture(new Inheritance());
            return plane;
        } catch (IOException e) {
            plane.close();
            throw e;
        }
    }

    /// The same beside another agent, from which it is about to take over: nothing is captured
    /// until [PlaneTakeOver#capture].
    public static DataPlane startAside(PlaneOptions options) {
        return new DataPlane(EventLoops.open(options.threads(), options.loops()), options);
    }

    /// Serves `next` and nothing else. Flows that live keep their backends.
    ///
    /// Returns when new connections are led by it, with what cannot be captured.
    public List<CaptureFailure> apply(ServiceSnapshot next) {
        ports.apply(next);
        return capture.failures();
    }

    /// Does what time asks for: tries again what could not be captured, forgets backends without
    /// flows and clients that no longer stick, and logs which backends were ejected. To be called
    /// every few seconds.
    ///
    /// @return what still cannot be captured
    public List<CaptureFailure> maintain() {
        long nowNs = clock.getAsLong();
        capture.maintain(nowNs);
        takeOver.maintain();
        ports.maintain(nowNs);
        return capture.failures();
    }

    /// Refuses new clients and leaves open flows alone; what the kernel was told for their sake
    /// stays. Nothing may be applied afterwards.
    public void refuseNew() {
        capture.remove(published.current().rows().stream().map(VipTable.Row::frontend).toList());
    }

    /// For this process to go on where another was.
    public PlaneTakeOver takeOver() {
        return takeOver;
    }

    /// For another process to go on where this one was.
    public Estate estate() {
        return estate;
    }

    /// What it counts. Any thread.
    public PlaneCounts counts() {
        return counts;
    }

    /// Who sticks to which backend.
    public AffinityTable clients() {
        return ports.clients();
    }

    /// The service port that a frontend leads to; null where none does.
    public @Nullable ServicePortName servedAt(Frontend frontend) {
        VipTable.Row row = published.current().lookup(frontend);
        return row == null ? null : row.entry().port().name();
    }

    /// Every service port with its backends, sorted by name; counts are a moment old. Any thread.
    public List<ServiceEntry> view() {
        return ports.view();
    }

    /// Places where clients arrive, those that cannot be captured among them.
    public int frontends() {
        return published.current().size();
    }

    /// How clients reach us, and why so.
    public String captureDescription() {
        return capture.description();
    }

    /// Whether it looks after routes, rules and the like.
    public boolean keepsHost() {
        return capture.keepsHost();
    }

    /// What is wrong with this node for VIP traffic, one line each.
    public List<String> hostProblems() {
        return capture.hostProblems();
    }

    /// What of ours is left in the kernel after [#close], one line each.
    public List<String> leftovers() {
        return closed ? capture.leftovers() : List.of();
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

    /// Which backends had an address that must not be dialled, since the last call.
    public List<RefusedDials.Refused> takeRefusedDials() {
        return refusedDials.take();
    }

    /// Takes other options for datagrams, for what comes from now on. Any thread.
    public void reconfigure(UdpOptions options) {
        datagrams.reconfigure(options);
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
