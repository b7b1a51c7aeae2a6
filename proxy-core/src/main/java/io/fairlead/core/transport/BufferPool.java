package io.fairlead.core.transport;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;

/// Blocks of native memory for one event loop. Single-threaded but for [#close] and [#inUseLately].
///
/// The first ones are kept and reused; those that a burst needs beyond them are returned to the
/// system at once. Not an automatic arena: it would count as direct memory, and run the garbage
/// collector on the event loop where that is short.
public final class BufferPool implements AutoCloseable {

    /// Bytes of a block: what one read takes at most, and what a stalled direction holds at most.
    public static final int BLOCK_BYTES = 64 * 1024;

    /// Blocks that are kept: 8 MiB, for as many directions stalled at a time.
    static final int KEPT = 128;

    private static final int ALIGNMENT = 64;

    private static final VarHandle TAKEN;

    static {
        try {
            TAKEN = MethodHandles.lookup().findVarHandle(BufferPool.class, "taken", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Arena kept = Arena.ofShared();
    private final ArrayDeque<MemorySegment> spare = new ArrayDeque<>();
    private final IdentityHashMap<MemorySegment, Arena> beyond = new IdentityHashMap<>();
    private int allocated;

    // Set before the loop runs.
    private int most = Integer.MAX_VALUE;

    // Written by the loop, read from anywhere.
    private int taken;

    /// Bounds what [#hasRoom] allows. Before the loop runs.
    public void bound(int blocks) {
        most = blocks;
    }

    /// Whether fewer blocks are in use than there should be at most.
    public boolean hasRoom() {
        return taken < most;
    }

    /// A block of [#BLOCK_BYTES], of any content; whoever keeps it asks for room before.
    public MemorySegment take() {
        TAKEN.setOpaque(this, taken + 1);
        MemorySegment block = spare.pollLast();
        if (block != null) {
            return block;
        }
        if (allocated < KEPT) {
            allocated++;
            return kept.allocate(BLOCK_BYTES, ALIGNMENT);
        }
        return takeBeyond();
    }

    @SuppressWarnings("MustBeClosedChecker") // giveBack closes it
    private MemorySegment takeBeyond() {
        Arena own = Arena.ofConfined();
        MemorySegment block = own.allocate(BLOCK_BYTES, ALIGNMENT);
        beyond.put(block, own);
        return block;
    }

    /// Takes back a block; it must not be used afterwards.
    public void giveBack(MemorySegment block) {
        TAKEN.setOpaque(this, taken - 1);
        Arena own = beyond.remove(block);
        if (own != null) {
            own.close();
        } else {
            spare.addLast(block);
        }
    }

    /// Blocks that were taken and not given back.
    public int inUse() {
        return allocated - spare.size() + beyond.size();
    }

    /// The same, a moment old. Any thread.
    public int inUseLately() {
        return (int) TAKEN.getOpaque(this);
    }

    /// Frees the blocks that are kept, once nobody uses the pool any more. Any thread may call.
    @Override
    public void close() {
        kept.close();
    }
}
