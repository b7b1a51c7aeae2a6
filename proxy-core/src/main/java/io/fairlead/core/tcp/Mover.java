package io.fairlead.core.tcp;

import io.fairlead.core.kernel.Errno;
import io.fairlead.core.kernel.Peek;
import io.fairlead.core.kernel.Pipe;
import io.fairlead.core.kernel.SocketCalls;
import io.fairlead.core.kernel.Splice;
import io.fairlead.core.transport.BufferPool;
import io.fairlead.core.transport.PipePool;
import io.fairlead.core.transport.Transport;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// Moves the bytes of one event loop's flows from side to side: through memory, or through a pipe
/// where a stream is bulk.
///
/// Three full reads in a row make it bulk, as many small helpings make it chatty again: a pipe
/// saves two copies of the bytes and costs a system call more. A side is read only when the other
/// can take bytes, and one block or one pipe is held between them at most.
final class Mover {

    /// Blocks of the pool that it always has.
    static final int BLOCKS = 1;

    /// Reads of one side before the loop looks at its other sockets; a pipe counts as many as fit.
    private static final int READS_PER_TURN = 16;

    private static final int READS_PER_PIPE = PipePool.PIPE_BYTES / BufferPool.BLOCK_BYTES;

    /// A pipe with less is a small helping: copying that costs no more than the further call.
    private static final int SMALL_BYTES = 16 * 1024;

    private static final int SMALL_HELPINGS = 3;

    private final RelayMode mode;
    private final BufferPool buffers;
    private final PipePool pipes;
    private final ReceiveWindow receiveWindow;
    private final TcpCounters counters;
    private final SocketCalls calls;
    private final boolean urgencyIsTold;
    private final MemorySegment readBlock;
    private final Splice splice = new Splice();
    private final Peek peek = new Peek();

    Mover(
            RelayMode mode,
            BufferPool buffers,
            PipePool pipes,
            ReceiveWindow receiveWindow,
            TcpCounters counters,
            SocketCalls calls,
            Transport transport) {
        this.mode = mode;
        this.buffers = buffers;
        this.pipes = pipes;
        this.receiveWindow = receiveWindow;
        this.counters = counters;
        this.calls = calls;
        this.urgencyIsTold = transport.tellsOfUrgentData();
        this.readBlock = buffers.take();
    }

    /// Moves what a side has received, until it has no more, the other takes no more, or its turn
    /// is over.
    void move(FlowSide from) throws IOException {
        if (!deliverHeld(from)) {
            return;
        }
        int left = READS_PER_TURN;
        while (left > 0 && from.readable && from.other().writable) {
            Pipe pipe = isBulk(from) ? pipes.take() : null;
            if (pipe == null) {
                copy(from);
                left--;
            } else {
                splice(from, pipe);
                left -= READS_PER_PIPE;
            }
        }
    }

    /// A stream that has ended or has an urgent byte is copied: only a read tells its end from a
    /// byte that a pipe cannot take.
    private boolean isBulk(FlowSide from) {
        return !from.readToTheEnd && from.fullReads >= mode.fullReads();
    }

    private void copy(FlowSide from) throws IOException {
        if (!buffers.hasRoom()) {
            copyWithoutBlock(from);
            return;
        }
        int count = from.receive(readBlock, 0);
        if (count < 0) {
            from.readable = false;
            from.endInput();
            return;
        }
        if (count == BufferPool.BLOCK_BYTES) {
            from.fullReads = (byte) Math.min(from.fullReads + 1, Byte.MAX_VALUE);
        } else {
            from.fullReads = 0;
            // With edge-triggered events a short read has emptied the socket, unless it stopped at
            // urgent data.
            from.readable = count > 0 && (from.readToTheEnd || !urgencyIsTold);
        }
        count(from, count);
        int sent = count == 0 ? 0 : from.other().send(readBlock, 0, count);
        if (sent < count) {
            from.other().writable = false;
            hold(from, sent, count);
        }
    }

    /// Copies where there is no block for what the other does not take at once: that stays in the
    /// kernel until it can go on, and its sender waits.
    private void copyWithoutBlock(FlowSide from) throws IOException {
        counters.onNoBlock();
        int count = from.peek(peek, readBlock);
        if (count < 0) {
            from.readable = false;
            from.endInput();
            return;
        }
        int sent = count == 0 ? 0 : from.other().send(readBlock, 0, count);
        if (sent > 0) {
            from.discard(readBlock, sent);
            count(from, sent);
        }
        if (sent < count) {
            from.other().writable = false;
        } else if (count < BufferPool.BLOCK_BYTES) {
            from.readable = count > 0 && (from.readToTheEnd || !urgencyIsTold);
        }
    }

    private void splice(FlowSide from, Pipe pipe) throws IOException {
        int count = splice.fill(from.fd().intValue(), pipe);
        if (count <= 0) {
            pipes.giveBack(pipe);
            if (count == -Errno.EAGAIN && !urgencyIsTold) {
                copy(from);
            } else {
                onNothingSpliced(from, count);
            }
            return;
        }
        counters.onSpliced(count);
        count(from, count);
        onHelping(from, count);
        if (!deliver(from, pipe)) {
            from.pipe = pipe;
        }
    }

    private static void onNothingSpliced(FlowSide from, int result) {
        if (result == -Errno.EAGAIN) {
            from.readable = false;
            return;
        }
        // A read tells what it is. But an error of the connection is told once only: this was it.
        from.readToTheEnd = true;
        from.failed |= result < 0 && !isRefusal(-result);
    }

    /// Whether the kernel does not want to splice, as a filter of system calls may have it.
    private static boolean isRefusal(int errno) {
        return switch (errno) {
            case Errno.EPERM, Errno.EACCES, Errno.EINVAL, Errno.ENOSYS, Errno.ENOMEM -> true;
            default -> false;
        };
    }

    /// A stream that is not bulk any more is copied from here on.
    private void onHelping(FlowSide from, int bytes) {
        if (bytes >= SMALL_BYTES) {
            from.smallHelpings = 0;
        } else if (++from.smallHelpings >= SMALL_HELPINGS) {
            from.smallHelpings = 0;
            from.fullReads = 0;
        }
    }

    /// Whether all that a pipe holds has gone on.
    private boolean deliver(FlowSide from, Pipe pipe) {
        FlowSide to = from.other();
        while (pipe.held() > 0) {
            int sent = splice.drain(pipe, to.fd().intValue());
            if (sent <= 0) {
                to.writable = false;
                if (sent != -Errno.EAGAIN) {
                    to.onBroken();
                }
                return false;
            }
        }
        pipes.giveBack(pipe);
        return true;
    }

    private void count(FlowSide from, int bytes) {
        if (bytes > 0 && from.count(bytes)) {
            receiveWindow.bound(calls, from.fd().intValue());
        }
    }

    private void hold(FlowSide from, int begin, int end) {
        MemorySegment rest = buffers.take();
        MemorySegment.copy(readBlock, begin, rest, begin, end - begin);
        from.held = rest;
        from.heldFrom = begin;
        from.heldTo = end;
    }

    /// Whether nothing is held any more.
    private boolean deliverHeld(FlowSide from) {
        MemorySegment block = from.held;
        Pipe pipe = from.pipe;
        if (block == null && pipe == null) {
            return true;
        }
        if (!from.other().writable) {
            return false;
        }
        from.touch();
        return block == null ? deliverPipe(from, pipe) : deliverBlock(from, block);
    }

    private boolean deliverPipe(FlowSide from, @Nullable Pipe pipe) {
        if (pipe != null && !deliver(from, pipe)) {
            return false;
        }
        from.pipe = null;
        return true;
    }

    private boolean deliverBlock(FlowSide from, MemorySegment block) {
        from.heldFrom += from.other().send(block, from.heldFrom, from.heldTo);
        if (from.heldFrom < from.heldTo) {
            from.other().writable = false;
            return false;
        }
        release(from);
        return true;
    }

    /// Begins what goes from a side to the other with a header. What the peer has sent already
    /// joins it, so that one segment carries both.
    ///
    /// @param block of the loop's pool, with the header at its start; given back when it is sent
    void begin(FlowSide from, MemorySegment block, int length) throws IOException {
        from.held = block;
        from.heldFrom = 0;
        from.heldTo = length;
        // A header alone goes at once, and its block with it.
        int received = buffers.hasRoom() ? from.receive(block, length) : 0;
        if (received > 0) {
            from.heldTo += received;
            count(from, received);
        }
        // Whether there is more, or the end, a further read finds out.
        from.readable = true;
        from.readToTheEnd |= received < 0;
    }

    /// Gives back what a side holds, with the bytes that are in it.
    void release(FlowSide from) {
        MemorySegment block = from.held;
        if (block != null) {
            from.held = null;
            buffers.giveBack(block);
        }
        Pipe pipe = from.pipe;
        if (pipe != null) {
            from.pipe = null;
            pipes.giveBack(pipe);
        }
    }
}
