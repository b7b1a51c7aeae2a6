package io.fairlead.core.tcp;

import io.fairlead.core.kernel.SocketCalls;
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

    /// Sets up a listener: what it accepts inherits it.
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

    /// Sets an upstream up before it connects.
    ///
    /// @return 0, or one of [io.fairlead.core.kernel.Errno]'s
    int applyUserTimeout(SocketCalls calls, int upstream) {
        return userTimeoutMillis == 0
                ? 0
                : calls.set(upstream, IPPROTO_TCP, TCP_USER_TIMEOUT, userTimeoutMillis);
    }

    /// Sets up an upstream that has lived for a moment: the many that end sooner are spared four
    /// system calls, and none is quiet for as long before.
    void applyKeepAlive(SocketCalls calls, int upstream) {
        if (idleSeconds > 0) {
            // What fails here fails for a connection that is about to end.
            int _ = calls.set(upstream, SOL_SOCKET, SO_KEEPALIVE, 1);
            int _ = calls.set(upstream, IPPROTO_TCP, TCP_KEEPIDLE, idleSeconds);
            int interval = Math.max(1, idleSeconds / INTERVALS);
            int _ = calls.set(upstream, IPPROTO_TCP, TCP_KEEPINTVL, interval);
            int _ = calls.set(upstream, IPPROTO_TCP, TCP_KEEPCNT, PROBES);
        }
    }
}
