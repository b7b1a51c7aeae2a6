package io.fairlead.core.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// A pipe of the kernel, which holds bytes on their way from one socket to another ([Splice]).
///
/// Two descriptors, close-on-exec. Owned by one thread.
public final class Pipe {

    // linux/fcntl.h
    private static final int F_SETPIPE_SZ = 1031;
    private static final int F_GETPIPE_SZ = 1032;

    private final int readEnd;
    private final int writeEnd;
    private final int capacity;

    // Written by Splice.
    int held;

    private Pipe(int readEnd, int writeEnd, int capacity) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
        this.capacity = capacity;
    }

    /// Makes one. What it is refused in size (pipe(7): `pipe-user-pages-soft`, `pipe-max-size`) it
    /// does without.
    ///
    /// @param wanted bytes it should hold
    /// @param least bytes without which it is of no use
    /// @return null when none, or none of that size, can be had
    public static @Nullable Pipe open(int wanted, int least) {
        int readEnd;
        int writeEnd;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(2L * Integer.BYTES, Integer.BYTES);
            if (Syscall.pipe(ends) < 0) {
                return null;
            }
            readEnd = ends.get(ValueLayout.JAVA_INT, 0);
            writeEnd = ends.get(ValueLayout.JAVA_INT, Integer.BYTES);
        }
        // The kernel answers with the size it chose, or refuses and leaves it as it is.
        long size = Syscall.fcntl(writeEnd, F_SETPIPE_SZ, wanted);
        if (size < 0) {
            size = Syscall.fcntl(writeEnd, F_GETPIPE_SZ, 0);
        }
        Pipe pipe = new Pipe(readEnd, writeEnd, (int) Math.max(size, 0));
        if (size < least) {
            pipe.close();
            return null;
        }
        return pipe;
    }

    int readEnd() {
        return readEnd;
    }

    int writeEnd() {
        return writeEnd;
    }

    /// Bytes it holds at most.
    public int capacity() {
        return capacity;
    }

    /// Bytes that are in it.
    public int held() {
        return held;
    }

    /// Closes both ends, with all that is in between.
    public void close() {
        Syscall.close(readEnd);
        Syscall.close(writeEnd);
    }
}
