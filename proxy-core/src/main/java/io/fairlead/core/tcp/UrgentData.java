package io.fairlead.core.tcp;

import io.fairlead.core.kernel.SocketCalls;
import io.netty.channel.unix.Socket;
import java.io.IOException;

/// TCP's urgent byte (RFC 6093), which telnet and FTP may send.
final class UrgentData {

    // asm-generic/socket.h
    private static final int SOL_SOCKET = 1;
    private static final int SO_OOBINLINE = 10;

    private UrgentData() {}

    /// As [#keepInline(SocketCalls, int)], for a listener, from which what it accepts inherits it.
    static void keepInline(Socket socket) throws IOException {
        socket.setIntOpt(SOL_SOCKET, SO_OOBINLINE, 1);
    }

    /// Leaves the urgent byte in its place of the stream, as RFC 6093 advises; the kernel would
    /// take it out. The other peer sees an ordinary byte.
    ///
    /// @return 0, or one of [io.fairlead.core.kernel.Errno]'s
    static int keepInline(SocketCalls calls, int socket) {
        return calls.set(socket, SOL_SOCKET, SO_OOBINLINE, 1);
    }
}
