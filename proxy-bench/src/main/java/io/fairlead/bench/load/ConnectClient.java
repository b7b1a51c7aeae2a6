package io.fairlead.bench.load;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/// One connection for one byte and its echo.
final class ConnectClient extends Client {

    private final long sinceNs;

    /// Whether it stays open when it has its byte.
    private final boolean kept;

    private final Consumer<ConnectClient> onByte;
    private boolean served;

    /// @param onByte told when it has its byte, where it is kept
    /// @param onOver told where it failed, or was not kept
    ConnectClient(
            Tally tally,
            boolean kept,
            long sinceNs,
            Consumer<ConnectClient> onByte,
            Consumer<Client> onOver) {
        super(tally, onOver);
        this.kept = kept;
        this.sinceNs = sinceNs;
        this.onByte = onByte;
    }

    @Override
    void onConnected() throws IOException {
        tally.buffer.set(ValueLayout.JAVA_BYTE, 0, ServerConnection.ECHO);
        if (fd().sendAddress(tally.buffer.address(), 0, 1) != 1) {
            fail("a byte does not fit into an empty socket");
        }
    }

    @Override
    void onReadable(boolean finished) throws IOException {
        int count = fd().recvAddress(tally.buffer.address(), 0, 2);
        if (count == 0) {
            return;
        }
        if (served) {
            close(); // the other side ended what was kept
            return;
        }
        if (count != 1 || tally.buffer.get(ValueLayout.JAVA_BYTE, 0) != ServerConnection.ECHO) {
            fail(count < 0 ? "closed by the other side" : "another byte came back");
            return;
        }
        long now = System.nanoTime();
        if (now <= tally.endNs()) {
            tally.done(now - sinceNs);
        }
        if (!kept) {
            over();
        } else if (!served) {
            served = true;
            onByte.accept(this);
        }
    }
}
