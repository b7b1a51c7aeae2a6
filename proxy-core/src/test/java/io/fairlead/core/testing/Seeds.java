package io.fairlead.core.testing;

import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;

/// Seeds of random tests, for `@MethodSource`: they stand in the test's name, so that a failure can
/// be repeated.
public final class Seeds {

    private Seeds() {}

    /// One that never changes and a few that nobody has tried.
    public static LongStream few() {
        return LongStream.concat(LongStream.of(1), ThreadLocalRandom.current().longs(9));
    }
}
