package io.fairlead.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a receiver notices of a stream that is not whole.
class StreamCheckTest {

    private static final int LENGTH = 200_000;

    /// A stream of so many bytes with its trailer.
    private static byte[] stream(int length) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < length; i++) {
            bytes.write((byte) Pattern.longAt(i));
        }
        for (int i = 0; i < Long.BYTES; i++) {
            bytes.write((byte) ((long) length >>> (Byte.SIZE * i)));
        }
        return bytes.toByteArray();
    }

    /// Received in pieces of random lengths.
    private static String verdict(byte[] bytes, Random random) {
        StreamCheck check = new StreamCheck();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(20_000);
            for (int from = 0; from < bytes.length; ) {
                int count = Math.min(bytes.length - from, 1 + random.nextInt(20_000));
                MemorySegment.copy(bytes, from, buffer, ValueLayout.JAVA_BYTE, 0, count);
                check.received(buffer, count);
                from += count;
            }
        }
        assertThat(check.received()).isEqualTo(bytes.length);
        return check.verdict();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aWholeStreamIsGood(long seed) {
        Random random = new Random(seed);
        assertThat(verdict(stream(LENGTH), random)).isEmpty();
        assertThat(verdict(stream(1 + random.nextInt(50)), random)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aLostByteIsNoticed(long seed) {
        Random random = new Random(seed);
        byte[] whole = stream(LENGTH);
        int at = random.nextInt(LENGTH);
        byte[] less = Arrays.copyOf(whole, whole.length - 1);
        System.arraycopy(whole, at + 1, less, at, whole.length - at - 1);
        assertThat(verdict(less, random)).startsWith("of 200000 bytes");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whatIsOutOfOrderIsNoticed(long seed) {
        Random random = new Random(seed);
        byte[] whole = stream(LENGTH);
        byte[] swapped = whole.clone();
        int part = 60_000;
        System.arraycopy(whole, part, swapped, 0, part);
        System.arraycopy(whole, 0, swapped, part, part);
        assertThat(verdict(swapped, random)).startsWith("wrong bytes");
    }
}
