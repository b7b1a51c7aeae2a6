package io.fairlead.core.tcp;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Asks the kernel for the state of a TCP socket; one for each event loop.
///
/// The one way to learn what became of a handshake that disturbs nothing: SO_ERROR alone takes a
/// stale event for success, and a second connect(2) on a socket that was reset meanwhile throws
/// away what the peer had sent before.
final class TcpState {

    static final int NONE = 0;

    // net/tcp_states.h
    static final int SYN_SENT = 2;
    static final int CLOSE = 7;
    static final int CLOSING = 11;

    // linux/tcp.h; the state is the first byte of struct tcp_info, and the kernel copies as much
    // as is asked for.
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;

    private final ByteBuffer state = ByteBuffer.allocateDirect(1);

    int of(Socket socket) throws IOException {
        state.clear();
        socket.getRawOpt(IPPROTO_TCP, TCP_INFO, state);
        return state.get(0);
    }
}
