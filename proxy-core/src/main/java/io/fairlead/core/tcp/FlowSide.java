package io.fairlead.core.tcp;

import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.transport.BufferPool;
import io.fairlead.core.transport.SocketHandle;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.NotYetConnectedException;
import org.jspecify.annotations.Nullable;

/// One of the two sockets of a flow, and the bytes on their way from it to the other.
///
/// Reads only what the other side can take: back-pressure is a socket not read. At most one block
/// is held between the two. Owned by its flow's event loop.
final class FlowSide extends SocketHandle implements Runnable {

    /// Reads of one side before the loop looks at its other sockets.
    private static final int READS_PER_TURN = 16;

    private final TcpFlow flow;
    private FlowSide other = this;

    private boolean readable;
    private boolean writable;

    /// The peer has finished, is gone or sent urgent data: a short read no longer means that
    /// nothing is left.
    private boolean readToTheEnd;

    /// The peer reset the connection, or it broke. What it had sent before is still passed on.
    private boolean failed;

    /// A further turn is in the loop's queue.
    private boolean scheduled;

    /// The peer's end of stream has been read.
    private boolean inputEnded;

    /// Our end of stream has been sent to the peer.
    private boolean outputEnded;

    // Bytes read from this side that the other could not take yet; a block of the loop's pool.
    private @Nullable MemorySegment held;
    private int heldFrom;
    private int heldTo;

    private long received;

    /// Bytes to come before the receive buffer is fixed; 0 or less when it has been.
    private int untilBounded = ReceiveWindow.AFTER_BYTES;

    FlowSide(TcpFlow flow, Socket socket) {
        super(socket);
        this.flow = flow;
    }

    void join(FlowSide peer) {
        other = peer;
        peer.other = this;
    }

    void watch() {
        watch(flow.loop().eventLoop(), STREAM);
    }

    @Override
    protected void onReady(int events) throws IOException {
        if ((events & (PEER_FINISHED | HANG_UP | ERROR | URGENT)) != 0) {
            readToTheEnd = true;
            readable = true;
        }
        if ((events & IN) != 0) {
            readable = true;
        }
        if (!flow.isConnected()) {
            onReadyBeforeConnected(events);
            return;
        }
        if ((events & ERROR) != 0 && fd().getSoError() != 0) {
            failed = true;
        }
        if ((events & OUT) != 0 && !failed) {
            becameWritable();
        }
        if (readable) {
            pump();
        }
    }

    private void onReadyBeforeConnected(int events) throws IOException {
        boolean isClient = this == flow.client();
        if (!isClient && (events & (OUT | ERROR | HANG_UP)) != 0) {
            flow.onConnectReady();
        } else if (isClient && (events & ERROR) != 0 && fd().getSoError() != 0) {
            flow.reset(FlowEnd.CLIENT_RESET);
        }
    }

    /// The socket takes bytes again (or for the first time): what waits for it moves.
    void becameWritable() throws IOException {
        writable = true;
        if (other.held != null || other.readable) {
            other.pump();
        }
    }

    /// The connection is broken, which an operation other than reading has found out: what the peer
    /// had sent before waits in the kernel and goes on in a turn of its own, then the flow ends.
    void onBroken() {
        failed = true;
        readable = true;
        readToTheEnd = true;
        writable = false;
        schedule();
    }

    /// Moves bytes from this side to the other until one of them is not ready.
    private void pump() throws IOException {
        if (flow.isEnded()) {
            return;
        }
        if (deliverHeld()) {
            relay();
        }
        if (flow.isEnded()) {
            return;
        }
        boolean more = readable && other.writable;
        if (failed && !more) {
            // What the peer sent before its reset has been passed on as far as the other side
            // took it at once; the reset does not wait for a slow reader.
            flow.reset(resetByPeer());
        } else if (more) {
            schedule();
        }
    }

    private void schedule() {
        if (!scheduled) {
            scheduled = true;
            flow.loop().eventLoop().execute(this);
        }
    }

    private void relay() throws IOException {
        MemorySegment block = flow.loop().readBlock();
        for (int turn = 0; turn < READS_PER_TURN && readable && other.writable; turn++) {
            int count = inputEnded ? 0 : receive(block);
            if (count < 0) {
                readable = false;
                endInput();
                return;
            }
            if (count == 0 || (count < BufferPool.BLOCK_BYTES && !readToTheEnd)) {
                // With edge-triggered events a short read has emptied the socket.
                readable = false;
            }
            count(count);
            boundAfter(count);
            flow.touch();
            int sent = count == 0 ? 0 : other.send(block, 0, count);
            if (sent < count) {
                other.writable = false;
                hold(block, sent, count);
            }
        }
    }

    private int receive(MemorySegment block) throws IOException {
        try {
            return fd().recvAddress(block.address(), 0, BufferPool.BLOCK_BYTES);
        } catch (IOException e) {
            failed = true;
            throw e;
        }
    }

    private void count(int bytes) {
        if (received == 0 && bytes > 0 && this != flow.client()) {
            flow.onFirstByte();
        }
        received += bytes;
        if (this == flow.client()) {
            flow.counted().onReceived(bytes);
        } else {
            flow.counted().onReturned(bytes);
        }
    }

    /// Bytes that came from this side's peer.
    long received() {
        return received;
    }

    /// Whether its peer has said all it had to say.
    boolean hasFinished() {
        return inputEnded;
    }

    /// Bytes that this side took; none when it turns out to be broken.
    private int send(MemorySegment block, int from, int to) {
        try {
            return fd().sendAddress(block.address(), from, to);
        } catch (IOException _) {
            onBroken();
            return 0;
        }
    }

    /// The next turn of a side that had more to read than one turn allows.
    @Override
    public void run() {
        scheduled = false;
        try {
            pump();
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            onFailure(e);
        }
    }

    private void boundAfter(int received) {
        if (untilBounded > 0) {
            untilBounded -= received;
            if (untilBounded <= 0) {
                flow.loop().receiveWindow().bound(fd());
            }
        }
    }

    /// Begins what goes from this side to the other with a header. What the peer has sent already
    /// joins it, so that one segment carries both.
    ///
    /// @param block of the loop's pool, with the header at its start; given back when it is sent
    void begin(MemorySegment block, int length) throws IOException {
        held = block;
        heldFrom = 0;
        heldTo = length;
        int received = fd().recvAddress(block.address(), length, BufferPool.BLOCK_BYTES);
        if (received > 0) {
            heldTo += received;
            count(received);
            boundAfter(received);
        }
        // Whether there is more, or the end, a further read finds out.
        readable = true;
        readToTheEnd |= received < 0;
    }

    private void hold(MemorySegment block, int from, int to) {
        MemorySegment rest = flow.loop().buffers().take();
        MemorySegment.copy(block, from, rest, from, to - from);
        held = rest;
        heldFrom = from;
        heldTo = to;
    }

    /// Whether nothing is held any more.
    private boolean deliverHeld() throws IOException {
        if (held == null) {
            return true;
        }
        if (!other.writable) {
            return false;
        }
        heldFrom += other.send(held, heldFrom, heldTo);
        flow.touch();
        if (heldFrom < heldTo) {
            other.writable = false;
            return false;
        }
        releaseHeld();
        return true;
    }

    private void releaseHeld() {
        if (held != null) {
            flow.loop().buffers().giveBack(held);
            held = null;
        }
    }

    /// The end of this side's stream travels on; the other direction lives until its own end.
    private void endInput() {
        if (failed) {
            flow.reset(resetByPeer());
            return;
        }
        inputEnded = true;
        other.outputEnded = true;
        if (outputEnded) {
            flow.finish();
            return;
        }
        try {
            other.fd().shutdown(false, true);
        } catch (IOException | NotYetConnectedException _) {
            // ENOTCONN: reset in this very moment.
            other.onBroken();
        }
    }

    /// Closes the socket of a flow that has ended. The event loop may call this too, when it stops:
    /// a peer must not take that for a clean end.
    @Override
    public void close() {
        if (!flow.isEnded() && flow.has(this)) {
            flow.reset(FlowEnd.STOPPED);
            return;
        }
        super.close();
        releaseHeld();
    }

    @Override
    protected void onFailure(Throwable cause) {
        if (flow.has(this)) {
            // An error of a read or a write is how a broken connection shows.
            flow.reset(cause instanceof IOException ? resetByPeer() : FlowEnd.FAILED);
        }
    }

    private FlowEnd resetByPeer() {
        return this == flow.client() ? FlowEnd.CLIENT_RESET : FlowEnd.BACKEND_RESET;
    }
}
