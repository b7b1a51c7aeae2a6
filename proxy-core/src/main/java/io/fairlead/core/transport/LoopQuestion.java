package io.fairlead.core.transport;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A question to an event loop by another thread, which waits for the answer, though not for ever:
/// people ask most when something hangs.
public final class LoopQuestion {

    private static final long PATIENCE_SECONDS = 2;

    private LoopQuestion() {}

    /// What the loop answers; null when it does not in time, or has stopped.
    public static <T> @Nullable T ask(IoEventLoop loop, Callable<T> question) {
        if (loop.isShuttingDown()) {
            return null;
        }
        Future<T> answer = loop.submit(question);
        return answer.awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS) && answer.isSuccess()
                ? answer.getNow()
                : null;
    }
}
