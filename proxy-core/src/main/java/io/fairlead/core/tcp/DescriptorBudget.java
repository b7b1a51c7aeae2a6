package io.fairlead.core.tcp;

import io.fairlead.core.transport.PipeBudget;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts the process's file descriptors and tells the [FlowGate] how many flows they are enough
/// for: two each, and two for each pipe between the sides of one, besides what everything else has
/// open and a reserve.
///
/// On a thread of its own, since counting reads a folder as long as there are descriptors: every
/// few seconds, and soon again while the gate is shut.
final class DescriptorBudget implements Runnable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DescriptorBudget.class);

    /// Full service is to be back within a second of descriptors coming free.
    private static final int TICK_MILLIS = 250;

    private static final int TICKS_PER_LOOK = 20;

    /// As many as a pipe has.
    private static final int PER_FLOW = PipeBudget.PER_PIPE;

    private static final File DESCRIPTORS = new File("/proc/self/fd");
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String LIMIT_NAME = "Max open files";

    /// Without a limit that can be read: the kernel's own, fs.nr_open.
    private static final long UNKNOWN = 1 << 20;

    private final FlowGate gate;
    private final int reserve;
    private final long limit = limit();
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean told; // of the thread

    DescriptorBudget(FlowGate gate, int reserve) {
        this.gate = gate;
        this.reserve = reserve;
        this.thread = Thread.ofPlatform().name("fairlead-limits").daemon().unstarted(this);
    }

    void start() {
        // What is done when there are no descriptors must have been done before: no class could be
        // loaded then.
        count();
        boolean _ = gate.takeWasShut();
        LOG.debug("descriptors are enough for {} flows", gate.room());
        thread.start();
    }

    @Override
    public void run() {
        try {
            for (int tick = 0; !closed.await(TICK_MILLIS, TimeUnit.MILLISECONDS); tick++) {
                boolean shut = gate.takeWasShut();
                if (shut || tick % TICKS_PER_LOOK == 0) {
                    count();
                    tell(shut);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(boolean shut) {
        if (shut && !told) {
            LOG.warn(
                    "{} flows are as many as there may be (limit of open files {}, {} of them kept"
                            + " back); new clients wait in the queue",
                    gate.flows(),
                    limit,
                    reserve);
        }
        told = shut;
    }

    private void count() {
        long before = gate.flows() + gate.pipes().open();
        long open = open();
        // They come and go while others are counted: too many others is the safe mistake.
        long others = open - PER_FLOW * Math.min(before, gate.flows() + gate.pipes().open());
        long most = limit - reserve - others;
        gate.allow(Math.max(0, most) / PER_FLOW);
    }

    /// By the folder rather than by the JVM's management, which costs a tenth of a second at start.
    private long open() {
        String[] open = DESCRIPTORS.list();
        return open == null ? limit : open.length; // none left to count with
    }

    /// A line of proc(5): the limit's name, then the soft and the hard one.
    private static long limit() {
        try {
            for (String line : Files.readAllLines(LIMITS, StandardCharsets.US_ASCII)) {
                if (line.startsWith(LIMIT_NAME)) {
                    return Long.parseLong(
                            line.substring(LIMIT_NAME.length()).strip().split(" ", 2)[0]);
                }
            }
        } catch (IOException | NumberFormatException e) {
            LOG.debug("the limit of open files is not known", e);
        }
        return UNKNOWN;
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
