package io.fairlead.bench.load;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Sends a request, waits for its echo, and sends the next: at once, or when it is due.
final class RequestClient extends Client {

    /// The number of a request, after the byte that asks for an echo.
    private static final int NUMBER_AT = 1;

    private static final int LEAST = NUMBER_AT + Long.BYTES;

    private final MemorySegment request;
    private final int length;
    private final Consumer<RequestClient> onConnected;

    private long number;
    private long sinceNs;
    private int received;
    private boolean waiting;
    private boolean last;

    /// When requests that could not be sent yet were due; null for as many as are answered.
    private final @Nullable Due due;

    /// The due times of one connection.
    static final class Due {
        private Pace pace = new Pace(0, 0);
        private long next;
        private long known;

        /// Before the first.
        void begin(Pace first) {
            pace = first;
        }

        /// One more is due.
        void add() {
            known++;
        }

        boolean any() {
            return next < known;
        }

        /// When the oldest was.
        long take() {
            return pace.dueNs(next++);
        }

        long nextNs() {
            return pace.dueNs(known);
        }
    }

    RequestClient(
            Tally tally,
            MemorySegment request,
            @Nullable Due due,
            Consumer<RequestClient> onConnected,
            Consumer<Client> onOver) {
        super(tally, onOver);
        this.request = request;
        this.length = (int) request.byteSize();
        this.due = due;
        this.onConnected = onConnected;
        if (length < LEAST) {
            throw new IllegalArgumentException("a request has " + LEAST + " bytes at least");
        }
        request.set(ValueLayout.JAVA_BYTE, 0, ServerConnection.ECHO);
    }

    @Override
    void onConnected() {
        onConnected.accept(this);
    }

    /// The first request; or, at a fixed rate, the next that is due.
    void start(long nowNs) {
        if (due == null) {
            send(nowNs);
            return;
        }
        due.add();
        if (!waiting && !isOver()) {
            long since = due.take();
            tally.late(nowNs - since);
            send(since);
        }
    }

    /// After the answer that it waits for, it is over.
    void finish() {
        last = true;
        if (!waiting) {
            over();
        }
    }

    private void send(long since) {
        sinceNs = since;
        received = 0;
        waiting = true;
        number++;
        request.set(Pattern.LONG, length - Long.BYTES, number);
        request.set(Pattern.LONG, NUMBER_AT, number);
        try {
            int sent = fd().sendAddress(request.address(), 0, length);
            if (sent < length) {
                fail("a request of " + length + " bytes does not fit into an idle socket");
            }
        } catch (IOException e) {
            onFailure(e);
        }
    }

    @Override
    void onReadable(boolean finished) throws IOException {
        int count = fd().recvAddress(tally.buffer.address(), 0, Pattern.CHUNK);
        if (count < 0) {
            fail("closed by the other side");
            return;
        }
        if (count == 0) {
            return;
        }
        if (!waiting || received + count > length) {
            fail("more came back than was sent");
            return;
        }
        if (MemorySegment.mismatch(request, received, received + count, tally.buffer, 0, count)
                >= 0) {
            fail("another request's bytes came back");
            return;
        }
        received += count;
        if (received == length) {
            onAnswer(System.nanoTime());
        } else if (finished) {
            onReadable(true);
        }
    }

    private void onAnswer(long nowNs) {
        waiting = false;
        // At a fixed rate, what was due in time counts however late its answer.
        if (nowNs <= tally.endNs() || due != null) {
            tally.bytes += length;
            tally.done(nowNs - sinceNs);
        }
        if (due != null && due.any()) {
            send(due.take());
        } else if (last) {
            over();
        } else if (due == null) {
            if (nowNs < tally.endNs()) {
                send(nowNs);
            } else {
                over();
            }
        }
    }
}
