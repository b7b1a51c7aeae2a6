package io.fairlead.core.udp;

import org.jspecify.annotations.Nullable;

/// Flows in the order in which they were last heard of. Owned by one event loop.
final class FlowQueue {

    private @Nullable UdpFlow oldest;
    private @Nullable UdpFlow newest;

    @Nullable UdpFlow oldest() {
        return oldest;
    }

    void add(UdpFlow flow) {
        flow.older = newest;
        flow.newer = null;
        if (newest == null) {
            oldest = flow;
        } else {
            newest.newer = flow;
        }
        newest = flow;
    }

    void remove(UdpFlow flow) {
        if (flow.older == null) {
            oldest = flow.newer;
        } else {
            flow.older.newer = flow.newer;
        }
        if (flow.newer == null) {
            newest = flow.older;
        } else {
            flow.newer.older = flow.older;
        }
        flow.older = null;
        flow.newer = null;
    }

    /// It was heard of just now.
    void touch(UdpFlow flow) {
        if (flow != newest) {
            remove(flow);
            add(flow);
        }
    }
}
