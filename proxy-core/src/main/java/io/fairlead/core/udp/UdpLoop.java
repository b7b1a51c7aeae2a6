package io.fairlead.core.udp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.flow.ClientAddresses;
import io.fairlead.core.flow.FlowQuery;
import io.fairlead.core.flow.FlowRouter;
import io.fairlead.core.flow.FlowTuple;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.flow.LogLimit;
import io.fairlead.core.flow.RefusedDials;
import io.fairlead.core.kernel.Datagrams;
import io.fairlead.core.kernel.Errno;
import io.fairlead.core.kernel.PortUnreachable;
import io.fairlead.core.kernel.SocketNames;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.table.VipTable;
import io.fairlead.core.transport.ClientAddress;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.LinuxSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one event loop does for datagrams: leads each to its flow's backend, and answers back.
///
/// Every method but the reading of counters is called on the loop.
final class UdpLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UdpLoop.class);

    /// Datagrams taken in with one system call.
    private static final int BATCH = 32;

    /// Such calls before the loop looks at its other sockets.
    private static final int BATCHES_PER_TURN = 4;

    /// Flows of each kind that one listing looks at: a few hundred microseconds of the loop.
    private static final int MAX_LOOKED_AT = 16 * FlowQuery.BATCH;

    private static final long TICK_MILLIS = 1_000;

    private final IoEventLoop eventLoop;
    private final PublishedTable table;
    private final ClientAddresses clientAddresses;
    private final RefusedDials refusedDials;
    private final LongSupplier clock;
    private final int maxFlows;
    private final int maxFlowsPerClient;
    private final long unrepliedNs;
    private final long repliedNs;

    private final Datagrams datagrams = new Datagrams(BATCH);
    private final SocketNames socketNames = new SocketNames();
    private final PortUnreachable portUnreachable = new PortUnreachable();
    private final UdpCounters counters = new UdpCounters();
    private final FlowTuple tuple = new FlowTuple();
    private final FlowQueue unreplied = new FlowQueue();
    private final FlowQueue replied = new FlowQueue();
    private final Map<IpAddress, ClientFlows> clients = new HashMap<>();
    private final LogLimit failureLog = new LogLimit();
    private int live;

    /// @param loops how many share the limits
    UdpLoop(
            IoEventLoop eventLoop,
            PublishedTable table,
            UdpOptions options,
            int loops,
            ClientAddresses clientAddresses,
            RefusedDials refusedDials,
            LongSupplier clock) {
        this.eventLoop = eventLoop;
        this.table = table;
        this.clientAddresses = clientAddresses;
        this.refusedDials = refusedDials;
        this.clock = clock;
        this.maxFlows = Math.max(1, options.maxFlows() / loops);
        this.maxFlowsPerClient = Math.max(1, options.maxFlowsPerClient() / loops);
        this.unrepliedNs = options.unrepliedTimeout().toNanos();
        this.repliedNs = options.repliedTimeout().toNanos();
        var _ =
                eventLoop.scheduleWithFixedDelay(
                        this::expire, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    IoEventLoop eventLoop() {
        return eventLoop;
    }

    UdpCounters counters() {
        return counters;
    }

    void onDatagrams(UdpListener listener) {
        for (int turn = 0; turn < BATCHES_PER_TURN; turn++) {
            int count = datagrams.receive(listener.fd().intValue());
            for (int slot = 0; slot < count; slot++) {
                lead(listener, slot);
            }
            if (count < BATCH) {
                return;
            }
        }
    }

    private void lead(UdpListener listener, int slot) {
        long high = datagrams.high(slot);
        long low = datagrams.low(slot);
        int port = datagrams.port(slot);
        VipTable now = table.current();
        UdpFlow flow = listener.flows().get(high, low, port);
        if (flow != null && !isServed(flow, now)) {
            end(flow);
            flow = null;
        }
        if (flow == null) {
            flow = begin(listener, now, high, low, port);
            if (flow == null) {
                return;
            }
        }
        flow.lastSeenNs = clock.getAsLong();
        flow.outstanding++;
        (flow.replied ? replied : unreplied).touch(flow);
        int errno = datagrams.sendOn(slot, flow.fd().intValue());
        if (errno == Errno.ECONNREFUSED) {
            // What an earlier datagram met: said once, and this one is sent all the same.
            tellRefused(flow);
            errno = datagrams.sendOn(slot, flow.fd().intValue());
        }
        if (errno != 0) {
            counters.onFailed();
        }
    }

    /// Whether a flow's backend still serves; by the table of the moment, once for each generation.
    private static boolean isServed(UdpFlow flow, VipTable now) {
        if (flow.table == now) {
            return true;
        }
        VipTable.Row row = now.lookup(flow.listener.frontend());
        boolean served =
                row != null
                        && row.entry().group() == flow.backend.group()
                        && row.entry().serves(flow.backend.at());
        if (served) {
            flow.table = now;
        }
        return served;
    }

    private @Nullable UdpFlow begin(
            UdpListener listener, VipTable now, long high, long low, int port) {
        FlowTuple asked =
                tuple.arrivedAt(Protocol.UDP, listener.frontend().at()).from(high, low, port);
        VipTable.Row row = FlowRouter.row(now, asked);
        BackendPool pool = FlowRouter.pool(now, row, asked);
        if (row == null || pool == null) {
            counters.onRefused();
            tell(listener, high, low, port);
            return null;
        }
        Backend picked = FlowRouter.pick(pool, asked.when(clock.getAsLong()));
        Backend backend = FlowRouter.dialable(now, pool, picked, asked);
        if (backend != picked) {
            refusedDials.note(picked, String.valueOf(FlowRouter.dialRefusal(now, picked, asked)));
        }
        if (backend == null) {
            counters.onRefused();
            tell(listener, high, low, port);
            return null;
        }
        IpAddress client = new IpAddress(asked.family(), high, low);
        makeRoom(client);
        boolean asClient =
                clientAddresses.mayUse(asked, backend.at().address())
                        && FlowRouter.keepsClient(now, row, asked, backend);
        LinuxSocket upstream = connect(backend, asked, asClient);
        if (upstream == null) {
            counters.onFailed();
            return null;
        }
        UdpFlow flow = new UdpFlow(upstream, listener, high, low, port, backend, now);
        listener.flows().put(flow);
        unreplied.add(flow);
        clients.computeIfAbsent(client, _ -> new ClientFlows()).add(flow);
        live++;
        counters.onOpened();
        flow.openedNs = asked.nowNs();
        flow.start();
        return flow;
    }

    /// One flow more must not be one too many.
    private void makeRoom(IpAddress client) {
        ClientFlows own = clients.get(client);
        UdpFlow oldest = own == null || own.size() < maxFlowsPerClient ? null : own.oldest();
        if (oldest == null && live >= maxFlows) {
            oldest = quietest();
        }
        if (oldest != null) {
            evict(oldest);
        }
    }

    private void evict(UdpFlow flow) {
        counters.onEvicted();
        end(flow);
    }

    private @Nullable UdpFlow quietest() {
        UdpFlow one = unreplied.oldest();
        UdpFlow other = replied.oldest();
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.lastSeenNs - other.lastSeenNs <= 0 ? one : other;
    }

    /// A socket that is connected to the backend; null when there is none to be had.
    private @Nullable LinuxSocket connect(Backend backend, FlowTuple client, boolean asClient) {
        try {
            return connected(backend, client, asClient);
        } catch (IOException | RuntimeException first) {
            UdpFlow quietest = quietest();
            if (quietest == null) {
                tellFailure(backend, first);
                return null;
            }
            // Most likely descriptors ran out: another's silence is worth less than this question.
            evict(quietest);
        }
        try {
            return connected(backend, client, asClient);
        } catch (IOException | RuntimeException e) {
            tellFailure(backend, e);
            return null;
        }
    }

    private LinuxSocket connected(Backend backend, FlowTuple client, boolean asClient)
            throws IOException {
        boolean ipv6 = backend.at().address().family() == IpFamily.IPV6;
        LinuxSocket socket = LinuxSocket.newSocketDgram(ipv6);
        try {
            if (asClient
                    && bind(socket, client, client.clientPort()) != 0
                    && bind(socket, client, 0) != 0) {
                throw new IOException("no port of the client's address is free");
            }
            socket.connect(backend.socketAddress());
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private int bind(LinuxSocket socket, FlowTuple client, int port) throws IOException {
        return ClientAddress.bind(
                socket,
                socketNames,
                client.family() == IpFamily.IPV6,
                client.clientHigh(),
                client.clientLow(),
                port);
    }

    private void tellFailure(Backend backend, Exception cause) {
        if (failureLog.allows(clock.getAsLong())) {
            LOG.warn(
                    "{}: cannot send to {}: {} ({} more not logged)",
                    backend.group().name(),
                    backend,
                    cause.getMessage(),
                    failureLog.takeKept());
        }
    }

    void onReply(UdpFlow flow) {
        int count = datagrams.receive(flow.fd().intValue());
        if (count == -Errno.ECONNREFUSED) {
            tellRefused(flow);
            return;
        }
        if (count <= 0) {
            if (count != -Errno.EAGAIN) {
                end(flow);
            }
            return;
        }
        if (!isServed(flow, table.current())) {
            end(flow); // too late: its backend is none any more
            return;
        }
        boolean ipv6 = flow.listener.frontend().at().address().family() == IpFamily.IPV6;
        for (int slot = 0; slot < count; slot++) {
            datagrams.address(slot, ipv6, flow.clientHigh, flow.clientLow, flow.clientPort);
        }
        datagrams.sendTogether(count, flow.listener.fd().intValue());
        flow.lastSeenNs = clock.getAsLong();
        flow.outstanding -= count;
        if (flow.listener.isOfQuestions() && flow.outstanding <= 0) {
            end(flow);
        } else if (flow.replied) {
            replied.touch(flow);
        } else {
            unreplied.remove(flow);
            flow.replied = true;
            replied.add(flow);
        }
    }

    private void tellRefused(UdpFlow flow) {
        tell(flow.listener, flow.clientHigh, flow.clientLow, flow.clientPort);
    }

    private void tell(UdpListener listener, long high, long low, int port) {
        IpAddress vip = listener.frontend().at().address();
        int vipPort = listener.frontend().at().port();
        if (vip.family() == IpFamily.IPV4) {
            portUnreachable.tellIpv4((int) vip.low(), vipPort, (int) low, port);
        } else {
            portUnreachable.tellIpv6(vip.high(), vip.low(), vipPort, high, low, port);
        }
    }

    /// Ends a flow: what its client sends next begins another.
    void end(UdpFlow flow) {
        if (!flow.end()) {
            return;
        }
        live--;
        counters.onClosed();
        flow.listener.flows().remove(flow);
        (flow.replied ? replied : unreplied).remove(flow);
        IpAddress client =
                new IpAddress(
                        flow.listener.frontend().at().address().family(),
                        flow.clientHigh,
                        flow.clientLow);
        ClientFlows own = clients.get(client);
        if (own != null) {
            own.remove(flow);
            if (own.size() == 0) {
                clients.remove(client);
            }
        }
    }

    /// Ends the flows of a listener whose backends serve no longer.
    void endUnserved(UdpListener listener) {
        VipTable now = table.current();
        for (UdpFlow flow : listener.flows().all()) {
            if (!isServed(flow, now)) {
                end(flow);
            }
        }
    }

    private void expire() {
        long nowNs = clock.getAsLong();
        expire(unreplied, nowNs - unrepliedNs);
        expire(replied, nowNs - repliedNs);
    }

    private void expire(FlowQueue queue, long beforeNs) {
        UdpFlow flow = queue.oldest();
        while (flow != null && flow.lastSeenNs - beforeNs <= 0) {
            end(flow);
            flow = queue.oldest();
        }
    }

    /// What is wanted of its flows, those that were quiet for longest first.
    List<FlowView> list(FlowQuery query) {
        List<FlowView> wanted = new ArrayList<>();
        list(unreplied, query, wanted);
        list(replied, query, wanted);
        return wanted;
    }

    private void list(FlowQueue queue, FlowQuery query, List<FlowView> wanted) {
        int looked = 0;
        for (UdpFlow flow = queue.oldest();
                flow != null && looked < MAX_LOOKED_AT && wanted.size() < query.max();
                flow = flow.newer) {
            looked++;
            if (query.wants(flow.backend.group().name())) {
                wanted.add(flow.view(socketNames, clock.getAsLong()));
            }
        }
    }

    void onListenerFailure(UdpListener listener, Exception cause) {
        if (failureLog.allows(clock.getAsLong())) {
            LOG.warn("datagrams at {}: {}", listener.frontend(), cause.getMessage());
        }
    }

    /// Frees the memory, unless the event loop did not stop in time and still uses it.
    @Override
    public void close() {
        if (eventLoop.isTerminated()) {
            datagrams.free();
            portUnreachable.close();
        }
    }
}
