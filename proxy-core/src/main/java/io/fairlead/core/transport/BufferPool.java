package io.fairlead.core.transport;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/// Blocks of native memory for one event loop, reused and never returned to the system before the
/// loop ends. Single-threaded.
public final class BufferPool implements AutoCloseable {

    /// Bytes of a block: what one read takes at most, and what a stalled direction holds at most.
    public static final int BLOCK_BYTES = 64 * 1024;

    private static final int ALIGNMENT = 64;

    private final Arena arena = Arena.ofShared();
    private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();
    private int allocated;

    /// A block of [#BLOCK_BYTES].
    public MemorySegment take() {
        MemorySegment block = free.pollLast();
        if (block == null) {
            allocated++;
            block = arena.allocate(BLOCK_BYTES, ALIGNMENT);
        }
        return block;
    }

    public void giveBack(MemorySegment block) {
        free.addLast(block);
    }

    /// Blocks that were taken and not given back.
    public int inUse() {
        return allocated - free.size();
    }

    /// Frees all memory; no block may be used afterwards.
    @Override
    public void close() {
        arena.close();
    }
}
