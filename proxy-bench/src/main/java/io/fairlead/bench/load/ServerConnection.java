package io.fairlead.bench.load;

import io.netty.channel.IoEventLoop;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/// A connection at the server: gives back what comes, or, where the first byte asks for it, streams
/// [Pattern] until the client has finished.
final class ServerConnection extends Watched implements Runnable {

    /// The first byte of a connection that wants a stream.
    static final byte STREAM = 'D';

    /// The first byte of any other.
    static final byte ECHO = 'E';

    static final int BUFFER = 64 * 1024;
    private static final int WRITES_PER_TURN = 8;

    private final IoEventLoop loop;

    /// Of the loop.
    private final MemorySegment buffer;

    private boolean asked;
    private boolean streaming;
    private boolean finished;
    private boolean scheduled;
    private long sent;

    /// Left to send before anything else: an echo, or the trailer.
    private @Nullable MemorySegment pending;

    private int pendingFrom;

    ServerConnection(Socket socket, IoEventLoop loop, MemorySegment buffer) {
        super(socket);
        this.loop = loop;
        this.buffer = buffer;
    }

    @Override
    void onReady(int events) throws IOException {
        if ((events & FINISHED) != 0) {
            finished = true;
        }
        if (!flush()) {
            return;
        }
        if ((events & (IN | FINISHED)) != 0 || !streaming) {
            read();
        }
        if (streaming && fd().isOpen()) {
            stream();
        }
    }

    /// Until nothing is there, or an echo does not fit.
    private void read() throws IOException {
        while (pending == null) {
            int count = fd().recvAddress(buffer.address(), 0, BUFFER);
            if (count < 0) {
                onEnd();
                return;
            }
            if (count == 0) {
                return;
            }
            if (!asked) {
                asked = true;
                streaming = buffer.get(ValueLayout.JAVA_BYTE, 0) == STREAM;
            }
            if (!streaming) {
                send(buffer, count);
            }
            if (count < BUFFER && !finished) {
                return;
            }
        }
    }

    private void onEnd() throws IOException {
        if (!streaming) {
            close();
            return;
        }
        streaming = false;
        MemorySegment trailer = Arena.ofAuto().allocate(Pattern.TRAILER);
        trailer.set(Pattern.LONG, 0, sent);
        send(trailer, Pattern.TRAILER);
        if (pending == null) {
            close();
        }
    }

    private void send(MemorySegment from, int count) throws IOException {
        int done = fd().sendAddress(from.address(), 0, count);
        if (done < count) {
            pending =
                    Arena.ofAuto()
                            .allocate(count - done)
                            .copyFrom(from.asSlice(done, count - done));
            pendingFrom = 0;
        }
    }

    /// @return whether nothing is left to send
    private boolean flush() throws IOException {
        if (pending == null) {
            return true;
        }
        int size = (int) pending.byteSize();
        pendingFrom += fd().sendAddress(pending.address(), pendingFrom, size);
        if (pendingFrom < size) {
            return false;
        }
        pending = null;
        if (finished && asked && !streaming && sent > 0) {
            close(); // that was the trailer
            return false;
        }
        return true;
    }

    private void stream() throws IOException {
        for (int i = 0; i < WRITES_PER_TURN; i++) {
            int done = fd().sendAddress(Pattern.addressAt(sent), 0, Pattern.CHUNK);
            sent += done;
            if (done < Pattern.CHUNK) {
                return; // an edge follows
            }
        }
        if (!scheduled) {
            scheduled = true;
            loop.execute(this);
        }
    }

    /// A further turn of a stream.
    @Override
    public void run() {
        scheduled = false;
        if (!fd().isOpen() || !streaming) {
            return;
        }
        try {
            stream();
        } catch (IOException e) {
            onFailure(e);
        }
    }

    @Override
    void onFailure(Exception cause) {
        close(); // the generator counts it
    }
}
