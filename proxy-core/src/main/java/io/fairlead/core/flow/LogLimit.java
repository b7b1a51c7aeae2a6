package io.fairlead.core.flow;

import java.util.concurrent.TimeUnit;

/// Lets through one log line in a while and counts the others: events per connection must not drown
/// the log. Of one event loop.
public final class LogLimit {

    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

    private long nextNs = Long.MIN_VALUE;
    private long kept;

    /// Whether a line may be written now; if not, it is counted.
    public boolean allows(long nowNs) {
        if (nextNs != Long.MIN_VALUE && nowNs - nextNs < 0) {
            kept++;
            return false;
        }
        nextNs = nowNs + INTERVAL_NS;
        return true;
    }

    /// How many lines were not written since the last call.
    public long takeKept() {
        long count = kept;
        kept = 0;
        return count;
    }
}
