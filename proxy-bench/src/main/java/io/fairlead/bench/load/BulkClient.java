package io.fairlead.bench.load;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/// Asks for a stream, reads it until the time is over, finishes, and checks what came to its end.
final class BulkClient extends Client implements Runnable {

    private static final int READS_PER_TURN = 8;

    private final StreamCheck check = new StreamCheck();
    private boolean finishing;
    private boolean scheduled;

    BulkClient(Tally tally, Consumer<Client> onOver) {
        super(tally, onOver);
    }

    @Override
    void onConnected() throws IOException {
        tally.buffer.set(ValueLayout.JAVA_BYTE, 0, ServerConnection.STREAM);
        if (fd().sendAddress(tally.buffer.address(), 0, 1) != 1) {
            fail("a byte does not fit into an empty socket");
        }
    }

    @Override
    void onReadable(boolean finished) throws IOException {
        for (int i = 0; i < READS_PER_TURN; i++) {
            int count = fd().recvAddress(tally.buffer.address(), 0, Pattern.CHUNK);
            if (count < 0) {
                onEnd();
                return;
            }
            if (count == 0) {
                return;
            }
            check.received(tally.buffer, count);
            if (System.nanoTime() <= tally.endNs()) {
                tally.bytes += count;
            } else if (!finishing) {
                finishing = true;
                fd().shutdown(false, true);
            }
        }
        if (!scheduled) {
            scheduled = true;
            tally.loop.execute(this);
        }
    }

    /// A further turn.
    @Override
    public void run() {
        scheduled = false;
        if (!fd().isOpen()) {
            return;
        }
        try {
            onReadable(false);
        } catch (IOException e) {
            onFailure(e);
        }
    }

    private void onEnd() {
        String wrong = finishing ? check.verdict() : "the stream ended before its time";
        if (wrong.isEmpty()) {
            tally.operations++;
            over();
        } else {
            fail(wrong);
        }
    }
}
