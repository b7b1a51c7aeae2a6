package io.fairlead.core;

import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.backend.FlowRefusal;
import io.fairlead.core.flow.RefusedDials;
import io.fairlead.core.tcp.TcpRelay;
import io.fairlead.core.transport.EventLoops;
import io.fairlead.core.transport.LoopDelay;
import io.fairlead.core.udp.UdpCount;
import io.fairlead.core.udp.UdpRelay;
import java.util.List;

/// What a data plane has counted since its start, and what it holds now; a moment old. Any thread.
public final class PlaneCounts {

    private final TcpRelay relay;
    private final UdpRelay datagrams;
    private final ServedPorts ports;
    private final RefusedDials refusedDials;
    private final EventLoops loops;

    PlaneCounts(Relays relays, ServedPorts ports, RefusedDials refusedDials, EventLoops loops) {
        this.relay = relays.tcp();
        this.datagrams = relays.udp();
        this.ports = ports;
        this.refusedDials = refusedDials;
        this.loops = loops;
    }

    /// Flows of datagrams that ended to make room for others.
    public long evictedFlows() {
        return datagrams.evictedFlows();
    }

    /// Flows of datagrams now live.
    public long liveDatagramFlows() {
        return datagrams.liveFlows();
    }

    /// What is counted of datagrams.
    public long datagrams(UdpCount what) {
        return datagrams.count(what);
    }

    /// Connections to backends that failed.
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

    /// Times a backend was ejected.
    public long ejections() {
        return ports.ejections();
    }

    /// Backends that are ejected now, of those that are served; goes through all service ports.
    public int ejectedBackends() {
        return ports.ejectedBackends();
    }

    /// Flows that ended for a reason.
    public long endedFlows(FlowEnd why) {
        return relay.endedFlows(why);
    }

    /// Connections that were reset before they became flows.
    public long refusedFlows(FlowRefusal why) {
        return relay.refusedFlows(why);
    }

    /// Flows that no limit of clients was applied to, for want of room to count them.
    public long uncountedFlows() {
        return relay.uncountedFlows();
    }

    /// Times a flow's backend had an address that must not be dialled.
    public long dialRefusals() {
        return refusedDials.count();
    }

    /// Times a lack of descriptors or memory kept a listener from accepting.
    public long acceptPauses() {
        return relay.acceptPauses();
    }

    /// Times there was no memory to keep bytes in on their way, so that they stayed in the kernel.
    public long unbufferedReads() {
        return relay.unbufferedReads();
    }

    /// Memory that holds bytes between two sides of connections.
    public long bufferedBytes() {
        return relay.bufferedBytes();
    }

    /// Pipes that hold bytes between two sides of connections.
    public int heldPipes() {
        return relay.heldPipes();
    }

    /// Bytes that went from side to side through a pipe, without being copied.
    public long splicedBytes() {
        return relay.splicedBytes();
    }

    /// Blocks of memory and pipes between the two sides of flows; none when nothing is under way.
    int heldBlocks() {
        return relay.heldBlocks();
    }

    /// How late each event loop comes to what is due.
    public List<LoopDelay> loopDelays() {
        return loops.delays();
    }
}
