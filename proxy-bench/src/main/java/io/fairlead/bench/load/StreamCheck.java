package io.fairlead.bench.load;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Whether what arrived of a bulk stream is all of it, in order and once.
///
/// Looks at the first eight bytes of what each read brought: the pattern's phase tells of anything
/// that went wrong before. To look at every byte would measure the look.
final class StreamCheck {

    private static final long NONE = Long.MAX_VALUE;

    private long received;
    private long firstWrong = NONE;

    /// The last eight bytes.
    private long tail;

    void received(MemorySegment bytes, int count) {
        if (count >= Long.BYTES) {
            if (firstWrong == NONE && bytes.get(Pattern.LONG, 0) != Pattern.longAt(received)) {
                firstWrong = received;
            }
            tail = bytes.get(Pattern.LONG, count - Long.BYTES);
        } else {
            for (int i = 0; i < count; i++) {
                long next = bytes.get(ValueLayout.JAVA_BYTE, i) & 0xffL;
                tail = (tail >>> Byte.SIZE) | (next << 56);
            }
        }
        received += count;
    }

    long received() {
        return received;
    }

    /// At the end of the stream: what is wrong with it, "" for nothing.
    String verdict() {
        if (received - Pattern.TRAILER != tail) {
            return "of "
                    + tail
                    + " bytes that were sent, "
                    + (received - Pattern.TRAILER)
                    + " arrived";
        }
        // Where a read began inside the trailer or just before, it is no pattern.
        boolean good = firstWrong == NONE || firstWrong + Long.BYTES > tail;
        return good ? "" : "wrong bytes at " + firstWrong;
    }
}
