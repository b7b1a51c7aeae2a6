package io.fairlead.core.tcp;

import io.netty.channel.unix.Socket;
import java.io.IOException;

/// The bound on what the kernel takes in for a flow whose other side does not read.
final class ReceiveWindow {

    /// Bytes a peer may send ahead of us. Without it a receive buffer grows to `tcp_rmem[2]`, 32
    /// MiB on recent kernels. With the kernel's overhead of up to twice the payload and a send
    /// buffer of `tcp_wmem[2]`, 4 MiB, a stalled flow holds less than 16 MiB.
    static final int MAX_BYTES = 4 << 20;

    // netinet/tcp.h
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_WINDOW_CLAMP = 10;

    private ReceiveWindow() {}

    /// Bounds a socket that is not connected yet; what a listener accepts inherits its bound.
    static void bound(Socket socket) throws IOException {
        socket.setIntOpt(IPPROTO_TCP, TCP_WINDOW_CLAMP, MAX_BYTES);
    }
}
