package io.fairlead.core.tcp;

import static java.util.Objects.requireNonNull;

import io.fairlead.core.kernel.SocketCalls;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.Socket;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The bound on what the kernel takes in for a flow whose other side does not read.
///
/// Left alone, the receive buffer of a socket that is read fast grows to `tcp_rmem[2]`: 32 MiB
/// since Linux 6.18, and `TCP_WINDOW_CLAMP` does not hold it, for the clamp "follows along"
/// (`tcp_rcvbuf_grow`). Only a buffer of fixed size does; but fixed from the start, it would invite
/// even a flow that was never read to fill it. So it is fixed when a flow turns out to be bulk.
///
/// With a send buffer of `tcp_wmem[2]`, 4 MiB by default, a stalled direction holds at most 10 MiB.
/// Immutable; safe on every event loop.
final class ReceiveWindow {

    /// Largest receive buffer: what Linux allowed itself for 15 years, `tcp_rmem[2]` before 6.18.
    static final int MAX_BYTES = 6 << 20;

    /// Bytes of a direction after which its buffer is fixed: sooner than the kernel, which at most
    /// doubles it each round trip, can have made it large.
    static final int AFTER_BYTES = 256 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(ReceiveWindow.class);
    private static final Path TCP_RMEM = Path.of("/proc/sys/net/ipv4/tcp_rmem");

    // asm-generic/socket.h
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int NONE = 0;

    // netinet/tcp.h
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_WINDOW_CLAMP = 10;

    private final int option;

    private ReceiveWindow(int option) {
        this.option = option;
    }

    /// Finds out how buffers can be bounded here, and whether they need to be.
    static ReceiveWindow probe() {
        long most = systemMaximum();
        if (most <= MAX_BYTES) {
            return new ReceiveWindow(NONE);
        }
        // The first needs CAP_NET_ADMIN, the second a large enough net.core.rmem_max.
        for (int option : new int[] {SO_RCVBUFFORCE, SO_RCVBUF}) {
            if (works(option)) {
                return new ReceiveWindow(option);
            }
        }
        LOG.warn(
                "a stalled flow may hold {} bytes: net.ipv4.tcp_rmem allows it, and without"
                        + " CAP_NET_ADMIN net.core.rmem_max is too small to bound it otherwise",
                most);
        return new ReceiveWindow(NONE);
    }

    /// The third number of `tcp_rmem`.
    static long systemMaximum() {
        // In one read, as a buffered reader does: a sysctl file ends after the first.
        try (BufferedReader file = Files.newBufferedReader(TCP_RMEM, StandardCharsets.US_ASCII)) {
            String[] sizes = requireNonNull(file.readLine()).split("\\s+", -1);
            return Long.parseLong(sizes[2]);
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} is not as expected: {}", TCP_RMEM, e.toString());
            return Long.MAX_VALUE;
        }
    }

    private static boolean works(int option) {
        LinuxSocket socket = LinuxSocket.newSocketStream(false);
        try {
            return fix(new SocketCalls(), socket.intValue(), option) == 0
                    && socket.getReceiveBufferSize() >= MAX_BYTES;
        } catch (IOException | RuntimeException _) {
            return false;
        } finally {
            close(socket);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // The descriptor is gone either way.
        }
    }

    /// Bounds a socket that has received [#AFTER_BYTES]. Where that fails, its buffer stays as it
    /// is.
    void bound(SocketCalls calls, int socket) {
        if (option != NONE) {
            int _ = fix(calls, socket, option);
        }
    }

    private static int fix(SocketCalls calls, int socket, int option) {
        // The kernel doubles what it is asked for: it counts its own overhead, too.
        int errno = calls.set(socket, SOL_SOCKET, option, MAX_BYTES / 2);
        // The clamp followed the buffer so far and would stay where it is.
        return errno != 0 ? errno : calls.set(socket, IPPROTO_TCP, TCP_WINDOW_CLAMP, MAX_BYTES);
    }
}
