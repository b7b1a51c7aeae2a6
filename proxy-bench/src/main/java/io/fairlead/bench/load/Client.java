package io.fairlead.bench.load;

import io.netty.channel.epoll.LinuxSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.util.function.Consumer;

/// A connection of the generator, from connect to close. Owned by one loop.
abstract class Client extends Watched {

    final Tally tally;
    private final Consumer<Client> onOver;
    private boolean connected;
    private boolean over;

    /// @param onOver told once, on the loop, when the client has nothing left to do
    Client(Tally tally, Consumer<Client> onOver) {
        super(LinuxSocket.newSocketStream(false));
        this.tally = tally;
        this.onOver = onOver;
    }

    final void connect(InetSocketAddress to) {
        try {
            ((LinuxSocket) fd()).setTcpNoDelay(true);
            connected = fd().connect(to);
            watch(tally.loop, EDGES);
            if (connected) {
                onConnected();
            }
        } catch (IOException | RuntimeException e) {
            onFailure(e);
        }
    }

    @Override
    final void onReady(int events) throws IOException {
        if (!connected) {
            connected = fd().finishConnect();
            if (!connected) {
                return;
            }
            onConnected();
            if (!fd().isOpen()) {
                return;
            }
        }
        if ((events & (IN | FINISHED)) != 0) {
            onReadable((events & FINISHED) != 0);
        }
    }

    abstract void onConnected() throws IOException;

    /// @param finished whether the peer has sent all
    abstract void onReadable(boolean finished) throws IOException;

    final boolean isConnected() {
        return connected;
    }

    final boolean isOver() {
        return over;
    }

    @Override
    final void onFailure(Exception cause) {
        fail(
                cause instanceof PortUnreachableException || cause.getMessage() == null
                        ? cause.toString()
                        : cause.getMessage());
    }

    final void fail(String why) {
        if (!over) {
            tally.failed(why);
            over();
        }
    }

    /// Nothing is left to do.
    final void over() {
        if (!over) {
            over = true;
            close();
            onOver.accept(this);
        }
    }
}
