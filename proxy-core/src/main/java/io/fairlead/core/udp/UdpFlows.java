package io.fairlead.core.udp;

import io.fairlead.core.service.IpAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// All flows of one event loop: which was silent longest, in all and of a client. Owned by the
/// loop.
final class UdpFlows {

    private final FlowQueue unreplied = new FlowQueue();
    private final FlowQueue replied = new FlowQueue();
    private final Map<IpAddress, ClientFlows> clients = new HashMap<>();
    private int size;

    int size() {
        return size;
    }

    /// Those of a client; made for the first.
    ClientFlows of(IpAddress client) {
        return clients.computeIfAbsent(client, ClientFlows::new);
    }

    /// Drops what [#of] made, if no flow came to it.
    void forgetEmpty(ClientFlows own) {
        if (own.size() == 0) {
            clients.remove(own.client());
        }
    }

    void add(UdpFlow flow) {
        size++;
        unreplied.add(flow);
        flow.ofClient.add(flow);
    }

    void remove(UdpFlow flow) {
        size--;
        queue(flow).remove(flow);
        flow.ofClient.remove(flow);
        forgetEmpty(flow.ofClient);
    }

    private FlowQueue queue(UdpFlow flow) {
        return flow.replied ? replied : unreplied;
    }

    /// Its client or its backend was heard.
    void touch(UdpFlow flow, long nowNs) {
        flow.lastSeenNs = nowNs;
        queue(flow).touch(flow);
        flow.ofClient.touch(flow);
    }

    /// Its backend was heard for the first time.
    void onFirstReply(UdpFlow flow) {
        unreplied.remove(flow);
        flow.replied = true;
        replied.add(flow);
    }

    /// The one that was silent longest; null when there are none.
    @Nullable UdpFlow quietest() {
        UdpFlow one = unreplied.oldest();
        UdpFlow other = replied.oldest();
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.lastSeenNs - other.lastSeenNs <= 0 ? one : other;
    }

    /// One that was silent longer than its timeout; null when there is none.
    @Nullable UdpFlow expired(UdpOptions options, long nowNs) {
        UdpFlow flow = unreplied.oldest();
        if (flow != null && nowNs - flow.lastSeenNs >= options.unrepliedTimeout().toNanos()) {
            return flow;
        }
        flow = replied.oldest();
        return flow != null && nowNs - flow.lastSeenNs >= options.repliedTimeout().toNanos()
                ? flow
                : null;
    }

    /// Shows flows, those that were quiet for longest first: at most so many of each kind.
    ///
    /// @return whether these are all
    boolean look(int most, Consumer<UdpFlow> at) {
        boolean all = look(unreplied, most, at);
        all &= look(replied, most, at);
        return all;
    }

    private static boolean look(FlowQueue queue, int most, Consumer<UdpFlow> at) {
        int looked = 0;
        UdpFlow flow = queue.oldest();
        for (; flow != null && looked < most; flow = flow.newer) {
            looked++;
            at.accept(flow);
        }
        return flow == null;
    }
}
