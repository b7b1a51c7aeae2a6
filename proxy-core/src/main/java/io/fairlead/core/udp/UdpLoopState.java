package io.fairlead.core.udp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.FlowCounters;
import io.fairlead.core.flow.LogLimit;
import io.fairlead.core.kernel.Datagrams;
import io.netty.channel.IoEventLoop;

/// What the parts of one [UdpLoop] have in common. Owned by its event loop.
final class UdpLoopState implements AutoCloseable {

    /// Datagrams taken in with one system call.
    static final int BATCH = 32;

    final int number;
    final IoEventLoop eventLoop;
    final UdpWorld world;
    final Datagrams datagrams = new Datagrams(BATCH);
    final UdpCounters counters = new UdpCounters();
    final UdpRefusals refusals = new UdpRefusals(counters);
    final UdpFlows flows = new UdpFlows();
    final PartingFlows parting = new PartingFlows();
    final LogLimit failureLog = new LogLimit();

    /// This loop's share.
    UdpOptions options;

    /// Whether another process may take over: nothing is taken in, nothing ends.
    boolean frozen;

    /// @param number of the event loop, from 0 on
    UdpLoopState(int number, IoEventLoop eventLoop, UdpWorld world, UdpOptions options) {
        this.number = number;
        this.eventLoop = eventLoop;
        this.world = world;
        this.options = options;
    }

    long nowNs() {
        return world.clock().getAsLong();
    }

    /// What this loop counts of a backend's service port.
    FlowCounters counters(Backend backend) {
        return backend.group().counters(number);
    }

    boolean isOfQuestions(UdpListener listener) {
        return options.questionPorts().contains(listener.frontend().at().port());
    }

    @Override
    public void close() {
        datagrams.free();
        refusals.close();
    }
}
