package io.fairlead.core.testing;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// A clock that stands still until a test moves it, and knows who has read it since.
public final class FakeClock implements LongSupplier {

    private final AtomicLong nowNs = new AtomicLong(1_000_000_000_000L);
    private final Set<Thread> readers = ConcurrentHashMap.newKeySet();

    @Override
    public long getAsLong() {
        long now = nowNs.get();
        readers.add(Thread.currentThread());
        return now;
    }

    /// Moves on, and waits until that many event loops have seen it.
    public void advanceSeconds(long seconds, int loops) {
        nowNs.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
        awaitRead(loops);
    }

    /// Waits until that many event loops have read the clock from now on.
    public void awaitRead(int loops) {
        readers.clear();
        Eventually.eventually(
                "the event loops read the clock",
                () ->
                        readers.stream()
                                        .filter(t -> t.getName().startsWith("fairlead-loop"))
                                        .count()
                                >= loops);
    }
}
