package io.fairlead.core.transport;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/// Whether this machine has processors that nobody else wants, by /proc/stat, ten times a second.
///
/// What event loops spend on spinning is not counted as work. One thread of its own writes; any
/// reads.
final class IdleCpus implements Runnable, AutoCloseable {

    private static final int INTERVAL_MILLIS = 100;

    /// Of all processors' time; beyond it somebody waits now and then.
    private static final double BUSY = 0.6;

    /// The first line of proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal.
    private static final int FIELDS = 8;

    private static final int IDLE = 3;
    private static final int IOWAIT = 4;
    private static final int LINE_BYTES = 256;

    private static final double TICK_NS = 1e9 / 100; // USER_HZ

    private final RandomAccessFile stat;
    private final byte[] line = new byte[LINE_BYTES];
    private final CountDownLatch closed = new CountDownLatch(1);
    private final LongAdder spunNs = new LongAdder();
    private long lastTotal;
    private long lastBusy;
    private double lastSpun;

    // Written by the thread.
    private volatile boolean any;

    private IdleCpus(RandomAccessFile stat) {
        this.stat = stat;
    }

    static IdleCpus watch() {
        try {
            IdleCpus made = new IdleCpus(new RandomAccessFile("/proc/stat", "r"));
            made.look();
            made.any = false;
            Thread.ofPlatform().name("fairlead-idle").daemon().start(made);
            return made;
        } catch (IOException e) {
            throw new IllegalStateException("/proc/stat cannot be read: " + e.getMessage(), e);
        }
    }

    /// Whether a loop may spin.
    boolean isAny() {
        return any;
    }

    /// A loop has spun.
    void onSpun(long nanos) {
        spunNs.add(nanos);
    }

    @Override
    public void run() {
        try (stat) {
            while (!closed.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (IOException _) {
            any = false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws IOException {
        stat.seek(0);
        int count = stat.read(line);
        String[] fields =
                new String(line, 0, Math.max(count, 0), StandardCharsets.US_ASCII)
                        .split("\\s+", FIELDS + 2);
        long total = 0;
        long rest = 0;
        for (int i = 0; i < FIELDS; i++) {
            long ticks = Long.parseLong(fields[i + 1]);
            total += ticks;
            rest += i == IDLE || i == IOWAIT ? ticks : 0;
        }
        double spun = spunNs.sum() / TICK_NS;
        long busy = total - rest;
        any = busy - lastBusy - (spun - lastSpun) <= BUSY * (total - lastTotal);
        lastTotal = total;
        lastBusy = busy;
        lastSpun = spun;
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
