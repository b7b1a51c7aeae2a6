package io.fairlead.k8s;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fairlead.lab.Host;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.util.Arrays;

/// One UDP socket on a host of a lab, for as long as a test wants: it keeps its port, and so its
/// flows. Asks servers of the kind of [WhoAmI].
final class UdpClient implements AutoCloseable {

    static final String REFUSED = "refused";
    static final String SILENT = "silent";

    private static final int PATIENCE_MILLIS = 10_000;
    private static final int SHORT_PATIENCE_MILLIS = 500;

    /// Large datagrams get lost where the machine is busy: the test asks again.
    private static final int EXCHANGE_MILLIS = 2_000;

    private final DatagramSocket socket;

    private UdpClient(DatagramSocket socket) {
        this.socket = socket;
    }

    /// One that hears whoever answers.
    static UdpClient on(Host host) throws Exception {
        return new UdpClient(host.run(() -> new DatagramSocket()));
    }

    /// One that hears of ICMP, and only whom it asks.
    static UdpClient connected(Host host, InetSocketAddress to) throws Exception {
        return new UdpClient(
                host.run(() -> {
                    DatagramSocket socket = new DatagramSocket();
                    socket.connect(to);
                    return socket;
                }));
    }

    /// The name of the server that answers, from the address that was asked.
    String ask(InetSocketAddress to) throws IOException {
        return ask(to, PATIENCE_MILLIS);
    }

    private String ask(InetSocketAddress to, int millis) throws IOException {
        DatagramPacket answer = new DatagramPacket(new byte[512], 512);
        try {
            socket.setSoTimeout(millis);
            socket.send(new DatagramPacket(new byte[] {'?'}, 1, to));
            socket.receive(answer);
        } catch (PortUnreachableException _) {
            return REFUSED;
        } catch (SocketTimeoutException _) {
            return SILENT;
        }
        if (!answer.getSocketAddress().equals(to)) {
            return "asked " + to + ", answered by " + answer.getSocketAddress();
        }
        return new String(answer.getData(), 0, answer.getLength(), US_ASCII).split(" ", 2)[0];
    }

    /// Asks until it gets this.
    void await(InetSocketAddress to, String wanted) {
        World.await(
                () -> {
                    try {
                        return ask(to, SHORT_PATIENCE_MILLIS).equals(wanted);
                    } catch (IOException e) {
                        throw new AssertionError("asking " + to, e);
                    }
                },
                to + " gives " + wanted);
    }

    /// What comes back for a datagram, up to the largest there is.
    byte[] exchange(InetSocketAddress to, byte[] data) throws IOException {
        DatagramPacket answer = new DatagramPacket(new byte[65_535], 65_535);
        socket.setSoTimeout(EXCHANGE_MILLIS);
        socket.send(new DatagramPacket(data, data.length, to));
        socket.receive(answer);
        return Arrays.copyOf(answer.getData(), answer.getLength());
    }

    @Override
    public void close() {
        socket.close();
    }
}
