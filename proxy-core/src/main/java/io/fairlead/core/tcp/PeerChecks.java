package io.fairlead.core.tcp;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.time.Duration;

/// How the kernel finds out that a peer is gone without a word: keepalive and user timeout of
/// tcp(7). Immutable.
final class PeerChecks {

    // asm-generic/socket.h
    private static final int SOL_SOCKET = 1;
    private static final int SO_KEEPALIVE = 9;

    // netinet/tcp.h
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_KEEPIDLE = 4;
    private static final int TCP_KEEPINTVL = 5;
    private static final int TCP_KEEPCNT = 6;
    private static final int TCP_USER_TIMEOUT = 18;

    /// Unanswered questions after which the peer is gone, each a quarter of the quiet time after
    /// the last: two and a half times that time in all.
    private static final int PROBES = 6;

    private static final int INTERVALS = 4;

    private final int idleSeconds;
    private final int userTimeoutMillis;

    PeerChecks(Duration keepAlive, Duration userTimeout) {
        this.idleSeconds = Math.toIntExact(keepAlive.toSeconds());
        this.userTimeoutMillis = Math.toIntExact(userTimeout.toMillis());
    }

    /// Sets a socket up; what a listener accepts inherits it.
    void apply(Socket socket) throws IOException {
        if (idleSeconds > 0) {
            socket.setIntOpt(SOL_SOCKET, SO_KEEPALIVE, 1);
            socket.setIntOpt(IPPROTO_TCP, TCP_KEEPIDLE, idleSeconds);
            socket.setIntOpt(IPPROTO_TCP, TCP_KEEPINTVL, Math.max(1, idleSeconds / INTERVALS));
            socket.setIntOpt(IPPROTO_TCP, TCP_KEEPCNT, PROBES);
        }
        if (userTimeoutMillis > 0) {
            socket.setIntOpt(IPPROTO_TCP, TCP_USER_TIMEOUT, userTimeoutMillis);
        }
    }
}
