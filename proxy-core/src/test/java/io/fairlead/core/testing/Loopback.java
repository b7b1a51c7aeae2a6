package io.fairlead.core.testing;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/// Addresses of this machine that need no privilege, and clients of them.
public final class Loopback {

    private static final int TIMEOUT_MILLIS = 60_000;
    private static final int PORT = 8080;

    // Runs of the suite side by side keep out of each other's way; 127.0 to 127.63 are others'.
    private static final int NET = 64 + (int) (ProcessHandle.current().pid() % 128);
    private static final AtomicInteger COUNTER = new AtomicInteger();

    private Loopback() {}

    /// An IPv4 VIP that no other test uses.
    public static AddressPort vip() {
        return new AddressPort(address(), PORT);
    }

    /// An address in 127.0.0.0/8 that no other test uses.
    public static IpAddress address() {
        int n = COUNTER.incrementAndGet();
        return IpAddress.parse("127." + NET + "." + (n >> 8) + "." + (n & 0xff));
    }

    /// An IPv6 VIP; ::1 is the only address there is, so the port is what is free.
    public static AddressPort vip6() {
        return free(IpAddress.parse("::1"));
    }

    /// A port of an address that was free a moment ago.
    public static AddressPort free(IpAddress address) {
        try (ServerSocket socket = new ServerSocket(0, 1, address.toInetAddress())) {
            return new AddressPort(address, socket.getLocalPort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A connected client whose reads fail rather than wait for ever.
    public static Socket connect(AddressPort to) throws IOException {
        return connect(to, new Socket());
    }

    /// A client that comes from an address of its choice.
    public static Socket connectFrom(String source, AddressPort to) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral(source), 0));
        return connect(to, socket);
    }

    private static Socket connect(AddressPort to, Socket socket) throws IOException {
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(
                    new InetSocketAddress(to.address().toInetAddress(), to.port()), TIMEOUT_MILLIS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /// Ends a connection with RST.
    public static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }
}
