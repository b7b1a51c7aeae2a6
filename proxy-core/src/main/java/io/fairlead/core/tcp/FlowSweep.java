package io.fairlead.core.tcp;

import io.fairlead.core.backend.FlowEnd;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Goes round the flows of one event loop about once a second and ends those whose time is over;
/// keeps the loop's coarse time and closes pipes that nobody needs on the way.
///
/// In slices, so that a hundred thousand flows hold up nobody: a millisecond or less each. A rule
/// that changes needs no visit to the flows it is about: it is found at the next round.
final class FlowSweep implements Runnable {

    /// How old the loop's coarse time may be.
    static final long TICK_MILLIS = 100;

    private static final int TICKS_PER_ROUND = 10;

    private final TcpLoop loop;
    private int ticks;

    FlowSweep(TcpLoop loop) {
        this.loop = loop;
    }

    void start() {
        var _ =
                loop.eventLoop()
                        .scheduleAtFixedRate(this, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /// One slice.
    @Override
    public void run() {
        long nowNs = loop.readClock();
        loop.crossedEnds().look(nowNs);
        if (++ticks % TICKS_PER_ROUND == 0) {
            loop.pipes().trim();
        }
        FlowList flows = loop.flows();
        for (int left = flows.size() / TICKS_PER_ROUND + 1; left > 0; left--) {
            TcpFlow flow = flows.nextInRound();
            if (flow == null) {
                return; // the next slice begins a new round
            }
            @Nullable FlowEnd due = flow.due(nowNs);
            if (due != null) {
                flow.reset(due);
            } else {
                flow.onRound();
            }
        }
    }
}
