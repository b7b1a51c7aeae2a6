package io.fairlead.k8s.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// SIGTERM or Ctrl-C as an orderly end: the command is told, cleans up, and the exit code is 0
/// unless it says otherwise. A second one tells it to be quick, a third one ends it where it
/// stands.
///
/// Opened before what needs cleaning up, so that it is closed after it. Any other cause for the JVM
/// to end, such as SIGHUP, is an orderly end as well.
final class StopSignal implements AutoCloseable {

    private static final int MAX_CLEAN_UP_SECONDS = 10;

    /// Signals after which the command is not asked any more.
    private static final int PATIENCE = 3;

    private final CountDownLatch received = new CountDownLatch(1);
    private final CountDownLatch signalled = new CountDownLatch(1);
    private final CountDownLatch cleanedUp = new CountDownLatch(1);
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicReference<@Nullable Thread> waiter = new AtomicReference<>();
    private volatile int exitCode = ExitCode.OK; // of the command, before it has cleaned up

    StopSignal() {
        boolean _ = Signals.handle("TERM", this::onSignal);
        boolean _ = Signals.handle("INT", this::onSignal);
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("fairlead-stop").unstarted(this::stop));
    }

    private void onSignal() {
        int signals = count.incrementAndGet();
        signalled.countDown();
        received.countDown();
        Thread other = waiter.get();
        if (other != null) {
            other.interrupt();
        }
        if (signals == PATIENCE) {
            Runtime.getRuntime().halt(ExitCode.FAILED);
        }
    }

    /// Waits for a signal.
    void await() throws InterruptedException {
        received.await();
    }

    /// Waits for a signal, whatever was requested.
    void awaitSignal() throws InterruptedException {
        signalled.await();
    }

    /// As a signal, but not one of those that are counted.
    void request() {
        received.countDown();
    }

    /// The signal comes as an interrupt to a thread that waits for something else, until
    /// [#interruptNobody].
    void interrupt(Thread thread) {
        waiter.set(thread);
    }

    void interruptNobody() {
        waiter.set(null);
    }

    /// Whether there was more than one.
    boolean isRepeated() {
        return count.get() > 1;
    }

    /// Nothing takes time any more from here on but the clean-up: should that hang, the program
    /// ends all the same.
    void mustEndSoon() {
        var _ =
                Thread.ofPlatform()
                        .name("fairlead-end")
                        .daemon()
                        .start(() -> {
                            if (!isCleanedUpInTime()) {
                                Runtime.getRuntime().halt(ExitCode.FAILED);
                            }
                        });
    }

    /// Ends with another code than 0.
    void exitWith(int code) {
        exitCode = code;
    }

    /// The clean-up is done.
    @Override
    public void close() {
        cleanedUp.countDown();
    }

    private void stop() {
        if (cleanedUp.getCount() == 0) {
            LogSetup.flush();
            return; // an exit of the program's own, with a code of its own
        }
        // The JVM is about to end: there is no time to wait for anything.
        count.set(PATIENCE);
        signalled.countDown();
        received.countDown();
        if (isCleanedUpInTime()) {
            LogSetup.flush();
            // The JVM's own code for a signal would tell a supervisor of a failure.
            Runtime.getRuntime().halt(exitCode);
        }
    }

    private boolean isCleanedUpInTime() {
        try {
            return cleanedUp.await(MAX_CLEAN_UP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
