package io.fairlead.core.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.concurrent.TimeUnit;

/// Event loops that look for work for a moment before they sleep: to be woken costs more than what
/// a peer on the same machine takes to answer.
///
/// A loop spins while processors are idle ([IdleCpus]) and while that finds work: one whose peers
/// take longer gives it up, and tries again now and then.
final class SpinningHandlers implements IoHandlerFactory {

    private final IoHandlerFactory handlers;
    private final long spinNs;
    private final IdleCpus idle;

    SpinningHandlers(IoHandlerFactory handlers, LoopOptions options, IdleCpus idle) {
        this.handlers = handlers;
        this.spinNs = TimeUnit.MICROSECONDS.toNanos(options.spinMicros());
        this.idle = idle;
    }

    @Override
    public IoHandler newHandler(ThreadAwareExecutor loop) {
        return new Spinning(handlers.newHandler(loop), spinNs, idle);
    }

    @Override
    public boolean isChangingThreadSupported() {
        return handlers.isChangingThreadSupported();
    }

    private static final class Spinning implements IoHandler {

        /// What a spin that finds work is worth, in spins that find none.
        private static final int REWARD = 4;

        private static final int MOST_CREDIT = 64;

        /// Without credit, one wait in so many spins.
        private static final int TRIAL = 64;

        private final IoHandler handler;
        private final long spinNs;
        private final IdleCpus idle;
        private final Impatient impatient = new Impatient();
        private int credit = MOST_CREDIT;
        private int waits;

        Spinning(IoHandler handler, long spinNs, IdleCpus idle) {
            this.handler = handler;
            this.spinNs = spinNs;
            this.idle = idle;
        }

        @Override
        public void initialize() {
            handler.initialize();
        }

        @Override
        public int run(IoHandlerContext context) {
            if (context.canBlock() && maySpin()) {
                int handled = spin(context);
                if (handled > 0 || !context.canBlock()) {
                    credit = Math.min(credit + REWARD, MOST_CREDIT);
                    return handled;
                }
                credit = Math.max(credit - 1, 0);
            }
            return handler.run(context);
        }

        private boolean maySpin() {
            waits++;
            return (credit > 0 || waits % TRIAL == 0) && idle.isAny();
        }

        private int spin(IoHandlerContext context) {
            impatient.context = context;
            long startNs = System.nanoTime();
            long spunNs = 0;
            int handled = 0;
            while (handled == 0 && spunNs < spinNs && context.canBlock()) {
                Thread.onSpinWait();
                handled = handler.run(impatient);
                spunNs = System.nanoTime() - startNs;
            }
            idle.onSpun(spunNs);
            return handled;
        }

        @Override
        public void prepareToDestroy() {
            handler.prepareToDestroy();
        }

        @Override
        public void destroy() {
            handler.destroy();
        }

        @Override
        public IoRegistration register(IoHandle handle) throws Exception {
            return handler.register(handle);
        }

        @Override
        public void wakeup() {
            handler.wakeup();
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> handleType) {
            return handler.isCompatible(handleType);
        }
    }

    /// The loop's own context, but for that it must not sleep.
    private static final class Impatient implements IoHandlerContext {

        private IoHandlerContext context = this;

        @Override
        public boolean canBlock() {
            return false;
        }

        @Override
        public long delayNanos(long currentTimeNanos) {
            return context.delayNanos(currentTimeNanos);
        }

        @Override
        public long deadlineNanos() {
            return context.deadlineNanos();
        }

        @Override
        public boolean shouldReportActiveIoTime() {
            return context.shouldReportActiveIoTime();
        }

        @Override
        public void reportActiveIoTime(long activeNanos) {
            context.reportActiveIoTime(activeNanos);
        }
    }
}
