package io.fairlead.k8s.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// SIGTERM or Ctrl-C as an orderly end: the command is told, cleans up, and the exit code is 0
/// unless it says otherwise.
///
/// Opened before what needs cleaning up, so that it is closed after it.
final class StopSignal implements AutoCloseable {

    private static final int MAX_CLEAN_UP_SECONDS = 10;

    private final CountDownLatch received = new CountDownLatch(1);
    private final CountDownLatch cleanedUp = new CountDownLatch(1);
    private volatile int exitCode = ExitCode.OK; // of the command, before it has cleaned up

    StopSignal() {
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("fairlead-stop").unstarted(this::stop));
    }

    /// Waits for a signal.
    void await() throws InterruptedException {
        received.await();
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
            return; // an exit of the program's own, with a code of its own
        }
        received.countDown();
        try {
            if (cleanedUp.await(MAX_CLEAN_UP_SECONDS, TimeUnit.SECONDS)) {
                LogSetup.flush();
                // The JVM's own code for a signal would tell a supervisor of a failure.
                Runtime.getRuntime().halt(exitCode);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
