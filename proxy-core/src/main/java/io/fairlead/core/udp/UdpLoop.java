package io.fairlead.core.udp;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.backend.FlowCounters;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.flow.ClientAddresses;
import io.fairlead.core.flow.ClosedFlow;
import io.fairlead.core.flow.ClosedFlows;
import io.fairlead.core.flow.FlowQuery;
import io.fairlead.core.flow.FlowRouter;
import io.fairlead.core.flow.FlowTuple;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.flow.LogLimit;
import io.fairlead.core.flow.RefusedDials;
import io.fairlead.core.handover.HandedFlow;
import io.fairlead.core.kernel.Datagrams;
import io.fairlead.core.kernel.Errno;
import io.fairlead.core.kernel.SocketNames;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.table.VipTable;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
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

    /// More than the one that comes, so that limits which were lowered are reached by and by.
    private static final int EVICTIONS_AT_ONCE = 2;

    private final SocketNames socketNames = new SocketNames();
    private final int number;
    private final IoEventLoop eventLoop;
    private final PublishedTable table;
    private final ClientAddresses clientAddresses;
    private final RefusedDials refusedDials;
    private final ClosedFlows closedFlows;
    private final LongSupplier clock;
    private UdpOptions options;
    private boolean frozen; // while another process may take over

    private final Datagrams datagrams = new Datagrams(BATCH);
    private final UdpCounters counters = new UdpCounters();
    private final UdpRefusals refusals = new UdpRefusals(counters);
    private final FlowTuple tuple = new FlowTuple();
    private final UdpFlows flows = new UdpFlows();
    private final PartingFlows parting = new PartingFlows();
    private final Upstreams upstreams = new Upstreams(this, counters, parting);
    private final LogLimit failureLog = new LogLimit();

    /// @param number of the event loop, from 0 on
    /// @param options this loop's share
    UdpLoop(
            int number,
            IoEventLoop eventLoop,
            PublishedTable table,
            UdpOptions options,
            ClientAddresses clientAddresses,
            RefusedDials refusedDials,
            ClosedFlows closedFlows,
            LongSupplier clock) {
        this.number = number;
        this.closedFlows = closedFlows;
        this.eventLoop = eventLoop;
        this.table = table;
        this.clientAddresses = clientAddresses;
        this.refusedDials = refusedDials;
        this.clock = clock;
        this.options = options;
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

    /// Takes other options, for what comes from now on.
    ///
    /// @param next this loop's share
    void reconfigure(UdpOptions next) {
        options = next;
    }

    void onDatagrams(UdpListener listener) {
        if (frozen) {
            return;
        }
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
        if (flow != null && !flow.isServed(now)) {
            end(flow, UdpCount.ENDED_BACKEND_GONE);
            flow = null;
        }
        boolean ofQuestions = flow == null ? isOfQuestions(listener) : flow.ofQuestions;
        long question = ofQuestions ? DnsMessage.question(datagrams, slot) : DnsMessage.NONE;
        if (flow != null && flow.upstream.isReused() && question == DnsMessage.NONE) {
            // Its answer could not be told from one to another flow's question.
            end(flow, UdpCount.ENDED_ANSWERED);
            flow = null;
        }
        if (flow == null) {
            flow = begin(listener, now, high, low, port, question);
            if (flow == null) {
                return;
            }
        }
        flows.touch(flow, clock.getAsLong());
        flow.onQuestion(question);
        send(flow, slot);
    }

    private boolean isOfQuestions(UdpListener listener) {
        return options.questionPorts().contains(listener.frontend().at().port());
    }

    private void send(UdpFlow flow, int slot) {
        Upstream upstream = flow.upstream;
        int errno = datagrams.sendOn(slot, upstream.fd().intValue());
        if (errno == Errno.ECONNREFUSED) {
            // What an earlier datagram met: said once, and this one is sent all the same.
            if (!upstream.fresh) {
                refusals.tellBackendRefuses(flow);
            }
            errno = datagrams.sendOn(slot, upstream.fd().intValue());
        }
        upstream.fresh = false;
        if (errno == 0) {
            counters.add(UdpCount.TO_BACKENDS, 1);
            counters.add(UdpCount.BYTES_TO_BACKENDS, datagrams.length(slot));
            flow.onReceived(datagrams.length(slot));
        } else {
            counters.add(UdpCount.FAILED, 1);
        }
    }

    private @Nullable UdpFlow begin(
            UdpListener listener, VipTable now, long high, long low, int port, long question) {
        FlowTuple asked =
                tuple.arrivedAt(Protocol.UDP, listener.frontend().at()).from(high, low, port);
        VipTable.Row row = FlowRouter.row(now, asked);
        Backend backend = row == null ? null : backend(now, row, asked);
        if (row == null || backend == null) {
            refusals.tellNobodyServes(listener, high, low, port);
            return null;
        }
        ClientFlows own = flows.of(new IpAddress(asked.family(), high, low));
        makeRoom(own);
        boolean asClient =
                clientAddresses.mayUse(asked, backend.at().address())
                        && FlowRouter.keepsClient(now, row, asked, backend);
        Upstream upstream = null;
        if (question != DnsMessage.NONE) {
            upstream = upstreams.take(backend, asClient ? own.client() : null);
        }
        if (upstream == null) {
            upstream = open(backend, asked, source(asClient, question));
        }
        // Again: an eviction may have emptied and dropped it.
        own = flows.of(own.client());
        if (upstream == null) {
            flows.forgetEmpty(own);
            counters.add(UdpCount.FAILED, 1);
            return null;
        }
        UdpFlow flow =
                new UdpFlow(
                        listener,
                        high,
                        low,
                        port,
                        upstream,
                        own,
                        isOfQuestions(listener),
                        now,
                        counters(backend));
        listener.flows().put(flow);
        flow.openedNs = asked.nowNs();
        flows.add(flow);
        counters.add(UdpCount.OPENED, 1);
        return flow;
    }

    /// What a backend is to see. Whoever asks by DNS is known by its address: only where a port
    /// matters to the answers is it the client's.
    private static SourceName source(boolean asClient, long question) {
        if (!asClient) {
            return SourceName.NODE;
        }
        return question == DnsMessage.NONE ? SourceName.CLIENT : SourceName.CLIENT_ADDRESS;
    }

    /// What this loop counts of a backend's service port.
    private FlowCounters counters(Backend backend) {
        return backend.group().counters(number);
    }

    private @Nullable Backend backend(VipTable now, VipTable.Row row, FlowTuple asked) {
        BackendPool pool = FlowRouter.pool(now, row, asked);
        if (pool == null) {
            return null;
        }
        Backend picked = FlowRouter.pick(pool, asked.when(clock.getAsLong()));
        Backend backend = FlowRouter.dialable(now, pool, picked, asked);
        if (backend != picked) {
            counters(picked).onConnectFailure(ConnectFailure.FORBIDDEN);
            refusedDials.note(picked, String.valueOf(FlowRouter.dialRefusal(now, picked, asked)));
        }
        return backend;
    }

    /// One flow more must not be one too many.
    private void makeRoom(ClientFlows own) {
        for (int i = 0; i < EVICTIONS_AT_ONCE; i++) {
            UdpFlow oldest = own.size() < options.maxFlowsPerClient() ? null : own.oldest();
            if (oldest != null) {
                end(oldest, UdpCount.EVICTED_FOR_CLIENT);
            } else if (flows.size() >= options.maxFlows()) {
                endQuietest(UdpCount.EVICTED_FOR_ALL);
            }
        }
    }

    private boolean endQuietest(UdpCount why) {
        UdpFlow quietest = flows.quietest();
        if (quietest != null) {
            end(quietest, why);
        }
        return quietest != null;
    }

    /// A new socket that is connected to the backend; null when there is none to be had.
    ///
    /// Sockets that wait make room for it, and then the silence of another flow is worth less than
    /// this question.
    private @Nullable Upstream open(Backend backend, FlowTuple client, SourceName source) {
        while (flows.size() + upstreams.idleCount() + parting.size() >= options.maxFlows()
                && closeSpare()) {
            // One less.
        }
        while (true) {
            try {
                Upstream upstream = upstreams.open(backend, client, source);
                upstream.start();
                if (upstream.isOpen()) {
                    return upstream;
                }
                throw new IOException("its socket cannot be watched");
            } catch (IOException | RuntimeException e) {
                if (!Upstreams.isLack(e)
                        || !(closeSpare() || endQuietest(UdpCount.EVICTED_FOR_SOCKET))) {
                    tellFailure(backend, e);
                    return null;
                }
            }
        }
    }

    /// Closes a socket that no flow has; false when there is none.
    private boolean closeSpare() {
        return upstreams.closeOne() || parting.closeOldest();
    }

    private void tellFailure(Backend backend, Exception cause) {
        if (failureLog.allows(clock.getAsLong())) {
            LOG.warn(
                    "{}: cannot send to {}: {} ({} more not logged)",
                    backend.group().name(),
                    backend,
                    Upstreams.isLack(cause)
                            ? "no descriptor or memory is left; raise the limit of open files"
                            : cause.getMessage(),
                    failureLog.takeKept());
        }
    }

    void onReady(Upstream upstream) {
        if (frozen) {
            return;
        }
        int count = datagrams.receive(upstream.fd().intValue());
        UdpFlow flow = upstream.flow;
        if (flow == null) {
            onIdle(upstream, count);
            return;
        }
        if (!flow.isEnded() && !flow.isServed(table.current())) {
            end(flow, UdpCount.ENDED_BACKEND_GONE);
        }
        if (flow.isEnded()) {
            onParting(flow, count);
        } else if (count == -Errno.ECONNREFUSED) {
            if (!upstream.fresh) {
                refusals.tellBackendRefuses(flow);
            }
        } else if (count <= 0) {
            if (count != -Errno.EAGAIN) {
                end(flow, UdpCount.ENDED_FAILED);
            }
        } else {
            onReplies(flow, count);
        }
    }

    /// The client has asked before the backend went, and may still be answered.
    private void onParting(UdpFlow flow, int count) {
        if (count == -Errno.EAGAIN || !flow.upstream.isOpen()) {
            return;
        }
        if (count > 0) {
            passBack(flow, count);
        }
        if (count <= 0 || !flow.isOwed()) {
            parting.close(flow);
        }
    }

    /// A socket that waits for a flow is to hear nothing.
    private void onIdle(Upstream upstream, int count) {
        if (count > 0) {
            counters.add(UdpCount.LATE, count);
            upstreams.onStray(upstream);
        } else if (count != -Errno.EAGAIN) {
            upstreams.forget(upstream);
        }
    }

    private void onReplies(UdpFlow flow, int count) {
        flows.touch(flow, clock.getAsLong());
        passBack(flow, count);
        if (flow.ofQuestions && flow.isAnswered()) {
            end(flow, UdpCount.ENDED_ANSWERED);
        } else if (!flow.replied) {
            flows.onFirstReply(flow);
        }
    }

    private void passBack(UdpFlow flow, int count) {
        boolean ipv6 = flow.listener.frontend().at().address().family() == IpFamily.IPV6;
        int client = flow.listener.fd().intValue();
        int begin = 0;
        for (int slot = 0; slot < count; slot++) {
            if (flow.ofQuestions && !flow.onAnswer(DnsMessage.answer(datagrams, slot))) {
                counters.add(UdpCount.LATE, 1);
                flow.upstream.spoilt = flow.upstream.source != SourceName.NODE;
                datagrams.sendTogether(begin, slot, client);
                begin = slot + 1;
                continue;
            }
            counters.add(UdpCount.TO_CLIENTS, 1);
            counters.add(UdpCount.BYTES_TO_CLIENTS, datagrams.length(slot));
            flow.onReturned(datagrams.length(slot));
            datagrams.address(slot, ipv6, flow.clientHigh, flow.clientLow, flow.clientPort);
        }
        datagrams.sendTogether(begin, count, client);
    }

    void onFailure(Upstream upstream) {
        UdpFlow flow = upstream.flow;
        if (flow == null) {
            upstreams.forget(upstream);
        } else if (flow.isEnded()) {
            parting.close(flow);
        } else {
            end(flow, UdpCount.ENDED_FAILED);
        }
    }

    /// Ends a flow: what its client sends next begins another.
    void end(UdpFlow flow, UdpCount why) {
        FlowEnd reason = why.end();
        if (reason == null || !flow.end(reason)) {
            return;
        }
        counters.add(why, 1);
        if (closedFlows.wants(flow.backend().group().name())) {
            FlowView last = flow.view(socketNames, clock.getAsLong());
            closedFlows.offer(new ClosedFlow(last, reason, System.currentTimeMillis()));
        }
        flow.listener.flows().remove(flow);
        flows.remove(flow);
        if (why == UdpCount.ENDED_BACKEND_GONE && flow.isOwed()) {
            parting.add(flow, clock.getAsLong());
            return;
        }
        upstreams.giveBack(
                flow,
                why == UdpCount.ENDED_ANSWERED && flow.isSettled(),
                options.maxFlows() - flows.size(),
                clock.getAsLong());
    }

    /// Whether what waits in a listener's socket is this loop's to read: not another process's that
    /// may take over, and not of a thread that stops the loop.
    boolean mayTakeIn() {
        return !frozen && eventLoop.inEventLoop();
    }

    /// Tells the clients of a listener that ends: what has come and was not led to a backend, and
    /// what a backend was asked and did not answer, is answered by nobody.
    void tellAllWhoWait(UdpListener listener) {
        int count = datagrams.receive(listener.fd().intValue());
        while (count > 0) {
            for (int slot = 0; slot < count; slot++) {
                refusals.tellNobodyServes(
                        listener, datagrams.high(slot), datagrams.low(slot), datagrams.port(slot));
            }
            count = datagrams.receive(listener.fd().intValue());
        }
        listener.flows().all().forEach(this::tellIfOwed);
        parting.closeOf(listener, this::tellIfOwed);
    }

    private void tellIfOwed(UdpFlow flow) {
        if (flow.isOwed()) {
            refusals.tellNobodyServes(
                    flow.listener, flow.clientHigh, flow.clientLow, flow.clientPort);
        }
    }

    /// Ends the flows of a listener whose backends serve no longer.
    void endUnserved(UdpListener listener) {
        VipTable now = table.current();
        for (UdpFlow flow : listener.flows().all()) {
            if (!flow.isServed(now)) {
                end(flow, UdpCount.ENDED_BACKEND_GONE);
            }
        }
    }

    /// Takes nothing in and ends nothing, until [#thaw]; datagrams and answers wait in their
    /// sockets.
    ///
    /// @return all its flows at these listeners, as another process can go on with them; those that
    ///   were quiet for longest first
    List<HandedFlow> freeze(List<UdpListener> own, ToIntFunction<UdpListener> number) {
        frozen = true;
        parting.clear();
        List<HandedFlow> all = new ArrayList<>(flows.size());
        long nowNs = clock.getAsLong();
        for (UdpListener listener : own) {
            listener.pause();
            for (UdpFlow flow : listener.flows().all()) {
                flow.upstream.pause();
                all.add(flow.handed(number.applyAsInt(listener), nowNs));
            }
        }
        all.sort(Comparator.comparingLong(HandedFlow::quietNs).reversed());
        return all;
    }

    void thaw(List<UdpListener> own) {
        frozen = false;
        for (UdpListener listener : own) {
            listener.resume();
            listener.flows().all().forEach(flow -> flow.upstream.resume());
        }
    }

    /// Another process goes on with the flows of a listener.
    void leave(UdpListener listener) {
        for (UdpFlow flow : listener.flows().all()) {
            if (flow.end(FlowEnd.HANDED_OVER)) {
                counters.add(UdpCount.HANDED_OVER, 1);
                listener.flows().remove(flow);
                flows.remove(flow);
                flow.upstream.leave();
            }
        }
    }

    /// Goes on with a flow of another process.
    void adopt(UdpListener listener, HandedFlow handed, Backend backend) {
        Upstream upstream =
                upstreams.adopt(
                        handed.descriptor(), backend, handed.asClient(), handed.clientPort());
        IpAddress client = handed.client();
        ClientFlows own = flows.of(client);
        UdpFlow flow =
                new UdpFlow(
                        listener,
                        client.high(),
                        client.low(),
                        handed.clientPort(),
                        upstream,
                        own,
                        isOfQuestions(listener),
                        VipTable.EMPTY,
                        counters(backend));
        long nowNs = clock.getAsLong();
        flow.openedNs = nowNs; // here
        flow.restore(handed, nowNs);
        listener.flows().put(flow);
        flows.add(flow);
        if (handed.replied()) {
            flows.onFirstReply(flow);
        }
        counters.add(UdpCount.OPENED, 1);
        upstream.start();
    }

    private void expire() {
        if (frozen) {
            return;
        }
        long nowNs = clock.getAsLong();
        UdpFlow flow = flows.expired(options, nowNs);
        while (flow != null) {
            end(flow, UdpCount.ENDED_IDLE);
            flow = flows.expired(options, nowNs);
        }
        upstreams.expire(nowNs);
        parting.expire(nowNs);
    }

    /// What is wanted of its flows, those that were quiet for longest first.
    Listed list(FlowQuery query) {
        List<FlowView> wanted = new ArrayList<>();
        boolean all =
                flows.look(
                        MAX_LOOKED_AT,
                        flow -> {
                            if (wanted.size() < query.max()
                                    && query.wants(flow.upstream.backend.group().name())) {
                                wanted.add(flow.view(socketNames, clock.getAsLong()));
                            }
                        });
        return new Listed(wanted, all && wanted.size() < query.max());
    }

    /// Some of this loop's flows.
    ///
    /// @param complete whether there are no more
    record Listed(List<FlowView> flows, boolean complete) {}

    void onListenerFailure(UdpListener listener, Throwable cause) {
        if (failureLog.allows(clock.getAsLong())) {
            LOG.warn("datagrams at {}: {}", listener.frontend(), cause.getMessage());
        }
    }

    /// Frees the memory, unless the event loop did not stop in time and still uses it.
    @Override
    public void close() {
        if (eventLoop.isTerminated()) {
            datagrams.free();
            refusals.close();
        }
    }
}
