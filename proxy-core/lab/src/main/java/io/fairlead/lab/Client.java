package io.fairlead.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// A client on a host of the lab, which asks servers of the kind of [WhoAmI].
///
/// @param patience how long nothing may come before that counts as silence
public record Client(Host host, Duration patience) {

    /// Generous: silence is the outcome of few tests, a slow machine that of many.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int LARGEST_DATAGRAM = 65_536;

    public Client(Host host) {
        this(host, PATIENCE);
    }

    /// For what is to be silent: every such test waits as long as this.
    public Client patientFor(Duration time) {
        return new Client(host, time);
    }

    /// Connects over TCP, reads the line and ends.
    public Outcome connect(InetSocketAddress to) throws Exception {
        return host.run(() -> {
            try (Socket socket = new Socket()) {
                socket.connect(to, millis());
                return answer(socket);
            } catch (SocketTimeoutException _) {
                return new Outcome.Silent();
            } catch (ConnectException e) {
                return failed(e);
            } catch (NoRouteToHostException e) {
                return new Outcome.Unreachable(message(e));
            } catch (SocketException e) {
                // So soon that connect() had not returned; a refusal has another name.
                if (message(e).startsWith("Connection reset")) {
                    return new Outcome.Reset();
                }
                throw e;
            }
        });
    }

    private static Outcome failed(ConnectException e) {
        return switch (message(e)) {
            case "Connection refused" -> new Outcome.Refused();
            case "Connection timed out" -> new Outcome.Silent();
            default -> new Outcome.Unreachable(message(e));
        };
    }

    private static String message(IOException e) {
        return String.valueOf(e.getMessage());
    }

    private Outcome answer(Socket socket) throws IOException {
        socket.setSoTimeout(millis());
        try {
            BufferedReader reader =
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.US_ASCII));
            String line = reader.readLine();
            return line == null
                    ? new Outcome.Ended()
                    : Greeting.read(line, (InetSocketAddress) socket.getLocalSocketAddress());
        } catch (SocketTimeoutException _) {
            return new Outcome.Mute();
        } catch (SocketException _) {
            return new Outcome.Reset();
        }
    }

    /// A connected socket, for the test to use and close.
    public Socket open(InetSocketAddress to) throws Exception {
        return host.run(() -> {
            Socket socket = new Socket();
            try {
                socket.setSoTimeout(millis());
                socket.setTcpNoDelay(true);
                socket.connect(to, millis());
                return socket;
            } catch (IOException e) {
                socket.close();
                throw e;
            }
        });
    }

    /// Asks over UDP from an unconnected socket, which takes replies from anywhere and says where
    /// they came from. ICMP does not reach such a socket: a refusal looks like silence here. The
    /// kernel chooses the source: the socket itself knows only its port.
    public Outcome ask(InetSocketAddress to) throws Exception {
        return host.run(() -> {
            try (DatagramSocket socket = new DatagramSocket()) {
                socket.setSoTimeout(millis());
                socket.send(question(to));
                return reply(socket, to);
            }
        });
    }

    /// Asks over UDP from a connected socket: it learns of ICMP, and only the one that was asked is
    /// heard.
    public Outcome askConnected(InetSocketAddress to) throws Exception {
        return host.run(() -> {
            try (DatagramSocket socket = new DatagramSocket()) {
                socket.connect(to);
                socket.setSoTimeout(millis());
                socket.send(question(to));
                return reply(socket, to);
            } catch (PortUnreachableException _) {
                return new Outcome.Refused();
            } catch (NoRouteToHostException e) {
                return new Outcome.Unreachable(message(e));
            }
        });
    }

    private static DatagramPacket question(InetSocketAddress to) {
        return new DatagramPacket(new byte[] {'?'}, 1, to);
    }

    private static Outcome reply(DatagramSocket socket, InetSocketAddress asked)
            throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[LARGEST_DATAGRAM], LARGEST_DATAGRAM);
        try {
            socket.receive(packet);
        } catch (SocketTimeoutException _) {
            return new Outcome.Silent();
        }
        if (!packet.getSocketAddress().equals(asked)) {
            return new Outcome.FromElsewhere(packet.getAddress(), packet.getPort());
        }
        String line =
                new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII);
        return Greeting.read(line, (InetSocketAddress) socket.getLocalSocketAddress());
    }

    private int millis() {
        return Math.toIntExact(patience.toMillis());
    }
}
