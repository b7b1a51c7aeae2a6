package io.fairlead.bench.load;

import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.List;

/// Accepts connections, and keeps them on its loop or deals them to all loops in turn.
final class ServerListener extends Watched {

    private static final int BACKLOG = 65_535;
    private static final int ACCEPTS_PER_TURN = 64;

    /// A loop and the buffer that its connections share.
    record Place(IoEventLoop loop, MemorySegment buffer) {}

    private final List<Place> places;
    private final byte[] peer = new byte[1 + 24];
    private int next;

    private ServerListener(LinuxSocket socket, List<Place> places) {
        super(socket);
        this.places = places;
    }

    /// Listens in the namespace of the calling thread.
    ///
    /// @param owner the loop that accepts
    /// @param places where connections go, in turn
    static ServerListener bind(InetSocketAddress at, IoEventLoop owner, List<Place> places)
            throws IOException {
        LinuxSocket socket = LinuxSocket.newSocketStream(false);
        socket.setReuseAddress(true);
        socket.setReusePort(true);
        socket.setTcpNoDelay(true); // what is accepted inherits it
        socket.bind(at);
        socket.listen(BACKLOG);
        ServerListener listener = new ServerListener(socket, places);
        listener.watch(owner, READS);
        return listener;
    }

    @Override
    void onReady(int events) throws IOException {
        for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
            int descriptor = fd().accept(peer);
            if (descriptor < 0) {
                return;
            }
            Place place = places.get(next);
            next = (next + 1) % places.size();
            ServerConnection connection =
                    new ServerConnection(new Socket(descriptor), place.loop(), place.buffer());
            if (place.loop().inEventLoop()) {
                connection.watch(place.loop(), EDGES);
            } else {
                place.loop().execute(() -> connection.watch(place.loop(), EDGES));
            }
        }
    }

    @Override
    void onFailure(Exception cause) {
        System.err.println("server: accept: " + cause);
    }
}
