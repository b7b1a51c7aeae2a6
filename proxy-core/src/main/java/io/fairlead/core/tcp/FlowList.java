package io.fairlead.core.tcp;

import org.jspecify.annotations.Nullable;

/// The flows of one event loop, oldest first; linked through the flows themselves, so that keeping
/// it allocates nothing. Touched on its loop only.
final class FlowList {

    private @Nullable TcpFlow oldest;
    private @Nullable TcpFlow newest;

    // Where a walk through the list has come to; it goes on where flows end meanwhile.
    private @Nullable TcpFlow walker;

    void add(TcpFlow flow) {
        flow.older = newest;
        if (newest == null) {
            oldest = flow;
        } else {
            newest.newer = flow;
        }
        newest = flow;
    }

    /// Takes out a flow that is in the list.
    void remove(TcpFlow flow) {
        TcpFlow older = flow.older;
        TcpFlow newer = flow.newer;
        if (flow == walker) {
            walker = newer;
        }
        if (older == null) {
            oldest = newer;
        } else {
            older.newer = newer;
        }
        if (newer == null) {
            newest = older;
        } else {
            newer.older = older;
        }
        flow.older = null;
        flow.newer = null;
    }

    /// Begins a walk through all of them, oldest first; an earlier one is over.
    void beginWalk() {
        walker = oldest;
    }

    /// The next flow of the walk; null when it is over.
    @Nullable TcpFlow walk() {
        TcpFlow flow = walker;
        if (flow != null) {
            walker = flow.newer;
        }
        return flow;
    }

    /// The flow that has been open for longest; null when there is none.
    @Nullable TcpFlow oldest() {
        return oldest;
    }
}
