package io.fairlead.core.tcp;

import io.fairlead.core.backend.Backend;
import io.netty.channel.unix.Socket;
import java.io.IOException;

/// One relayed connection: the client's socket, the upstream's, and the backend it holds.
///
/// Owned by one event loop. It ends once, either with both directions finished or by a reset, and
/// gives its backend back then.
final class TcpFlow {

    private final TcpLoop loop;
    private final Backend backend;
    private final FlowSide client;
    private final FlowSide upstream;
    private boolean connected;
    private boolean ended;

    TcpFlow(TcpLoop loop, Socket client, Socket upstream, Backend backend) {
        this.loop = loop;
        this.backend = backend;
        this.client = new FlowSide(this, client);
        this.upstream = new FlowSide(this, upstream);
        this.client.join(this.upstream);
        backend.acquire();
        loop.counters().onOpened();
    }

    TcpLoop loop() {
        return loop;
    }

    FlowSide client() {
        return client;
    }

    boolean isConnected() {
        return connected;
    }

    boolean isEnded() {
        return ended;
    }

    /// Begins to connect to the backend; the answer comes as an event.
    void connect() throws IOException {
        try {
            upstream.fd().connect(backend.socketAddress());
        } catch (IOException e) {
            end();
            throw e;
        }
    }

    /// Begins to listen to both sides. The client may have sent already: its bytes wait in the
    /// kernel until the upstream is connected.
    void start() {
        upstream.watch();
        if (!ended) {
            client.watch();
        }
    }

    /// The upstream's attempt to connect has come to an end.
    void onConnectReady() throws IOException {
        try {
            if (!upstream.fd().finishConnect()) {
                return;
            }
        } catch (IOException _) {
            // The cause is the backend's; there is nothing here to log per connection.
            loop.counters().onConnectFailure();
            reset();
            return;
        }
        connected = true;
        client.becameWritable();
        upstream.becameWritable();
    }

    /// Both directions are finished.
    void finish() {
        client.close();
        upstream.close();
        end();
    }

    /// Ends with RST on both sides: one of them was reset or failed, so what is under way cannot be
    /// delivered, and neither may take it for a clean end.
    void reset() {
        client.reset();
        upstream.reset();
        end();
    }

    private void end() {
        if (!ended) {
            ended = true;
            backend.release();
            loop.counters().onClosed();
        }
    }
}
