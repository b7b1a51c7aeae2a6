package io.fairlead.core.bpf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// Names that the kernel keeps for people to read.
final class BpfNames {

    private BpfNames() {}

    /// Writes `name` into a field that ends with at least one zero.
    static void put(MemorySegment attributes, int at, int bytes, String name) {
        byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
        if (ascii.length >= bytes) {
            throw new IllegalArgumentException("longer than " + (bytes - 1) + ": " + name);
        }
        MemorySegment.copy(ascii, 0, attributes, ValueLayout.JAVA_BYTE, at, ascii.length);
    }
}
