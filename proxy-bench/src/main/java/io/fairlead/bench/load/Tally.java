package io.fairlead.bench.load;

import io.netty.channel.IoEventLoop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.HdrHistogram.Histogram;

/// What one loop counts of one load, and the buffer that its clients share. Touched on the loop
/// alone until the load is over.
final class Tally {

    /// The longest that can be told from longer.
    private static final long MOST_NS = 60_000_000_000L;

    private static final int DIGITS = 3;

    final IoEventLoop loop;
    final MemorySegment buffer;
    final Histogram latencies = newHistogram();
    final Histogram lateness = newHistogram();

    long operations;
    long bytes;
    long failures;
    String failure = "";
    private long endNs = Long.MAX_VALUE;

    Tally(IoEventLoop loop, Arena arena) {
        this.loop = loop;
        this.buffer = arena.allocate(Pattern.CHUNK, 8);
    }

    /// Nothing is begun after it, and nothing counted; on the loop.
    void endAt(long ns) {
        endNs = ns;
    }

    long endNs() {
        return endNs;
    }

    static Histogram newHistogram() {
        return new Histogram(1, MOST_NS, DIGITS);
    }

    void done(long latencyNs) {
        operations++;
        latencies.recordValue(Math.clamp(latencyNs, 1, MOST_NS));
    }

    void late(long ns) {
        lateness.recordValue(Math.clamp(ns, 1, MOST_NS));
    }

    void failed(String why) {
        if (failures++ == 0) {
            failure = why;
        }
    }
}
