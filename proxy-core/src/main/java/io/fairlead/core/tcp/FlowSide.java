package io.fairlead.core.tcp;

import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.kernel.Peek;
import io.fairlead.core.kernel.Pipe;
import io.fairlead.core.transport.BufferPool;
import io.fairlead.core.transport.SocketHandle;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One of the two sockets of a flow: what its events mean, and how its stream ends. [Mover] takes
/// its bytes to the other.
///
/// Owned by its flow's event loop.
final class FlowSide extends SocketHandle implements Runnable {

    private final TcpFlow flow;
    private FlowSide other = this;

    // Of Mover, too.
    boolean readable;
    boolean writable;

    /// The peer has finished, is gone or sent urgent data: a short read no longer means that
    /// nothing is left.
    boolean readToTheEnd;

    /// The peer reset the connection, or it broke. What it had sent before is still passed on.
    boolean failed;

    /// A further turn is in the loop's queue.
    private boolean scheduled;

    /// The peer's end of stream has been read.
    private boolean inputEnded;

    /// Our end of stream has been sent to the peer.
    private boolean outputEnded;

    /// Before the peer's was read, so that the connection may go on waiting for stray packets.
    private boolean outputEndedFirst;

    // Of Mover: how bulky the stream was lately, and bytes read from this side that the other could
    // not take yet, in a block or in a pipe of the loop's pools.
    byte fullReads;
    byte smallHelpings;
    @Nullable MemorySegment held;
    int heldFrom;
    int heldTo;
    @Nullable Pipe pipe;

    private int watchedIn;
    private long received;

    /// Bytes to come before the receive buffer is fixed; 0 or less when it has been.
    private int untilBounded = ReceiveWindow.AFTER_BYTES;

    FlowSide(TcpFlow flow, FileDescriptor socket) {
        super(socket);
        this.flow = flow;
    }

    void join(FlowSide peer) {
        other = peer;
        peer.other = this;
    }

    FlowSide other() {
        return other;
    }

    void watch() {
        watchedIn = flow.loop().turn();
        watch(flow.loop().eventLoop(), STREAM);
    }

    /// Whether an event that is handled now may have been meant for an earlier socket.
    boolean maybeStale() {
        return flow.loop().isStill(watchedIn);
    }

    private int error() {
        return flow.loop().calls().error(fd().intValue());
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
        if ((events & ERROR) != 0 && error() != 0) {
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
            flow.onConnectReady((events & (ERROR | HANG_UP)) == 0);
        } else if (isClient && (events & ERROR) != 0 && error() != 0) {
            flow.reset(FlowEnd.CLIENT_RESET);
        }
    }

    /// The socket takes bytes again (or for the first time): what waits for it moves.
    void becameWritable() throws IOException {
        writable = true;
        if (other.held != null || other.pipe != null || other.readable) {
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
        flow.loop().mover().move(this);
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

    /// Bytes that came from the peer into a block; none where nothing can come any more, and -1 at
    /// the end of its stream.
    int receive(MemorySegment block, int from) throws IOException {
        if (inputEnded) {
            return 0;
        }
        try {
            return fd().readAddress(block.address(), from, BufferPool.BLOCK_BYTES);
        } catch (IOException e) {
            failed = true;
            throw e;
        }
    }

    /// As [#receive], but leaves in the socket what it copies.
    int peek(Peek peek, MemorySegment block) throws IOException {
        if (inputEnded) {
            return 0;
        }
        try {
            return peek.read(fd().intValue(), block);
        } catch (IOException e) {
            failed = true;
            throw e;
        }
    }

    /// Takes from the socket what was seen of it.
    void discard(MemorySegment block, int bytes) throws IOException {
        int left = bytes;
        while (left > 0) {
            int count = fd().readAddress(block.address(), 0, left);
            if (count <= 0) {
                throw new IOException("bytes that were there are gone");
            }
            left -= count;
        }
    }

    /// Bytes that this side took; none when it turns out to be broken.
    int send(MemorySegment block, int from, int to) {
        try {
            return fd().writeAddress(block.address(), from, to);
        } catch (IOException _) {
            onBroken();
            return 0;
        }
    }

    /// Counts what came from the peer.
    ///
    /// @return whether the receive buffer is to be fixed now
    boolean count(int bytes) {
        if (received == 0 && bytes > 0 && this != flow.client()) {
            flow.onFirstByte();
        }
        flow.touch();
        received += bytes;
        if (this == flow.client()) {
            flow.counted().onReceived(bytes);
        } else {
            flow.counted().onReturned(bytes);
        }
        if (untilBounded <= 0) {
            return false;
        }
        untilBounded -= bytes;
        return untilBounded <= 0;
    }

    /// The flow carries something.
    void touch() {
        flow.touch();
    }

    /// Bytes that came from this side's peer.
    long received() {
        return received;
    }

    /// Whether our end of stream was sent before its peer's was read.
    boolean hasOutputEndedFirst() {
        return outputEndedFirst;
    }

    /// Whether its peer has said all it had to say.
    boolean hasFinished() {
        return inputEnded;
    }

    /// The end of this side's stream travels on; the other direction lives until its own end.
    void endInput() {
        if (failed) {
            flow.reset(resetByPeer());
            return;
        }
        inputEnded = true;
        readToTheEnd = true;
        other.outputEnded = true;
        other.outputEndedFirst = !other.inputEnded;
        if (outputEnded) {
            flow.finish();
            return;
        }
        if (flow.loop().calls().finish(other.fd().intValue()) != 0) {
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
        flow.loop().mover().release(this);
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
