package io.fairlead.core.testing;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// The one place where tests wait: for a condition, within a bound that only a defect reaches.
public final class Eventually {

    private static final long LIMIT_NANOS = 30_000_000_000L;
    private static final long STEP_NANOS = 1_000_000;

    private Eventually() {}

    /// Returns as soon as `condition` holds.
    ///
    /// @param what the condition in words, for the failure
    public static void eventually(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > LIMIT_NANOS) {
                throw new AssertionError("did not come about: " + what);
            }
            pause(STEP_NANOS);
        }
    }

    /// Returns once `value` has been the same for a while: what was under way has come to rest.
    public static long settled(String what, java.util.function.LongSupplier value) {
        long start = System.nanoTime();
        long last = value.getAsLong();
        int same = 0;
        while (same < 200) {
            if (System.nanoTime() - start > LIMIT_NANOS) {
                throw new AssertionError("does not settle: " + what + ", now " + last);
            }
            pause(STEP_NANOS);
            long now = value.getAsLong();
            same = now == last ? same + 1 : 0;
            last = now;
        }
        return last;
    }

    /// Lets others run; what makes a peer slow.
    public static void pause(long nanos) {
        LockSupport.parkNanos(nanos);
    }
}
