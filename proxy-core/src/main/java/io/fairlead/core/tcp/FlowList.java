package io.fairlead.core.tcp;

import org.jspecify.annotations.Nullable;

/// The flows of one event loop, oldest first; linked through the flows themselves, so that keeping
/// it allocates nothing. Touched on its loop only.
final class FlowList {

    private @Nullable TcpFlow oldest;
    private @Nullable TcpFlow newest;
    private int size;

    // Whom the round over all comes to next.
    private @Nullable TcpFlow next;
    private boolean inRound;

    void add(TcpFlow flow) {
        size++;
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
        size--;
        if (next == flow) {
            next = flow.newer;
        }
        TcpFlow older = flow.older;
        TcpFlow newer = flow.newer;
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

    int size() {
        return size;
    }

    /// The next flow of a round over all of them; null at its end, and the call after that begins
    /// with the oldest again.
    @Nullable TcpFlow nextInRound() {
        TcpFlow flow = inRound ? next : oldest;
        inRound = flow != null;
        next = flow == null ? null : flow.newer;
        return flow;
    }

    /// The flow that has been open for longest; null when there is none.
    @Nullable TcpFlow oldest() {
        return oldest;
    }
}
