package io.fairlead.bench.load;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What a bulk stream consists of: bytes that repeat after a prime number of them, so that what is
/// lost, doubled or out of order shows in every byte that follows; and at the end, how many there
/// were.
final class Pattern {

    /// A prime just below 64 KiB.
    static final int PERIOD = 65_521;

    /// The most that is sent at once.
    static final int CHUNK = 256 * 1024;

    /// The number of bytes before it, after the last of them.
    static final int TRAILER = Long.BYTES;

    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private static final MemorySegment BYTES = make();

    private Pattern() {}

    private static MemorySegment make() {
        MemorySegment all = Arena.global().allocate(PERIOD + CHUNK + Long.BYTES);
        long state = 1;
        for (int i = 0; i < PERIOD; i++) {
            state = state * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
            all.set(ValueLayout.JAVA_BYTE, i, (byte) (state >>> 56));
        }
        for (long i = PERIOD; i < all.byteSize(); i++) {
            all.set(ValueLayout.JAVA_BYTE, i, all.get(ValueLayout.JAVA_BYTE, i - PERIOD));
        }
        return all;
    }

    /// Where in memory the stream goes on after `position` bytes; a chunk is there.
    static long addressAt(long position) {
        return BYTES.address() + position % PERIOD;
    }

    /// The eight bytes of the stream that follow `position`.
    static long longAt(long position) {
        return BYTES.get(LONG, position % PERIOD);
    }
}
