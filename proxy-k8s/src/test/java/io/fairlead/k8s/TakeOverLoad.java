package io.fairlead.k8s;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fairlead.lab.Host;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Clients of a host that notice everything: connections one after the other, each with a question
/// and its answer; questions by datagrams, each of which must be answered; and connections that
/// last, whose frames are numbered.
///
/// Servers are echoes; those of connections say a line first, as `WhoAmI` does.
final class TakeOverLoad implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 60_000;
    private static final int FLAGS_AT = 2;

    private final Host host;
    private final List<Thread> threads = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong datagrams = new AtomicLong();

    TakeOverLoad(Host host) {
        this.host = host;
    }

    /// Answers questions of DNS on a host: each with itself, marked as an answer.
    static DatagramSocket dnsServer(Host host, InetSocketAddress at) throws Exception {
        DatagramSocket socket = host.run(() -> new DatagramSocket(at));
        Thread.ofPlatform()
                .daemon()
                .name("dns")
                .start(() -> {
                    try {
                        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
                        while (true) {
                            packet.setLength(512);
                            socket.receive(packet);
                            packet.getData()[FLAGS_AT] |= (byte) 0x80;
                            socket.send(packet);
                        }
                    } catch (IOException _) {
                        // Closed.
                    }
                });
        return socket;
    }

    /// Connects again and again.
    void connectTo(InetSocketAddress... vips) {
        for (InetSocketAddress vip : vips) {
            repeat(
                    "connection to " + vip,
                    () -> {
                        try (Socket socket = new Socket()) {
                            socket.connect(vip, PATIENCE_MILLIS);
                            socket.setSoTimeout(PATIENCE_MILLIS);
                            DataInputStream in = new DataInputStream(socket.getInputStream());
                            readLine(in);
                            long number = connections.incrementAndGet();
                            exchange(socket, in, number);
                            socket.shutdownOutput();
                            must(in.read() == -1, "more than was asked for");
                        }
                    });
        }
    }

    private static void readLine(DataInputStream in) throws IOException {
        int octet = in.read();
        while (octet != '\n') {
            must(octet >= 0, "the end before the greeting");
            octet = in.read();
        }
    }

    private static void exchange(Socket socket, DataInputStream in, long number)
            throws IOException {
        byte[] frame = java.nio.ByteBuffer.allocate(Long.BYTES).putLong(number).array();
        socket.getOutputStream().write(frame);
        long back = in.readLong();
        must(back == number, "asked " + number + ", answered " + back);
    }

    private static void must(boolean holds, String else_) throws IOException {
        if (!holds) {
            throw new IOException(else_);
        }
    }

    /// Asks again and again by datagrams: by one socket that it keeps, as resolvers do.
    void askOften(InetSocketAddress vip) throws Exception {
        DatagramSocket socket = host.run(() -> new DatagramSocket());
        repeat("question to " + vip, () -> ask(socket, vip));
    }

    /// The same by a socket for each question.
    void askAnew(InetSocketAddress vip) {
        repeat(
                "question to " + vip,
                () -> {
                    try (DatagramSocket socket = new DatagramSocket()) {
                        ask(socket, vip);
                    }
                });
    }

    private void ask(DatagramSocket socket, InetSocketAddress vip) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        int id = (int) datagrams.incrementAndGet() & 0xffff;
        byte[] question = new byte[12 + 9 + 4];
        question[0] = (byte) (id >> 8);
        question[1] = (byte) id;
        question[5] = 1; // one question: example. IN A
        question[12] = 7;
        System.arraycopy("example".getBytes(US_ASCII), 0, question, 13, 7);
        question[22] = 1;
        question[24] = 1;
        socket.send(new DatagramPacket(question, question.length, vip));
        DatagramPacket answer = new DatagramPacket(new byte[512], 512);
        socket.receive(answer);
        question[FLAGS_AT] |= (byte) 0x80;
        must(answer.getSocketAddress().equals(vip), "answered by " + answer.getSocketAddress());
        must(
                Arrays.equals(Arrays.copyOf(answer.getData(), answer.getLength()), question),
                "another answer than to question " + id);
    }

    private interface Task {
        void run() throws IOException;
    }

    private void repeat(String what, Task task) {
        Thread thread =
                host.netns()
                        .threadFactory("load")
                        .newThread(() -> {
                            while (!over.get()) {
                                try {
                                    task.run();
                                } catch (IOException e) {
                                    failures.add(what + ": " + e);
                                }
                            }
                        });
        threads.add(thread);
        thread.start();
    }

    /// Connections that last.
    final class Flows implements AutoCloseable {

        private final List<Socket> sockets = new ArrayList<>();
        private final List<DataInputStream> inputs = new ArrayList<>();
        private long frame;

        private Flows() {}

        /// Each sends a frame and has it back.
        void exchangeAll() {
            frame++;
            for (int i = 0; i < sockets.size(); i++) {
                try {
                    exchange(sockets.get(i), inputs.get(i), frame);
                } catch (IOException e) {
                    failures.add("flow " + i + ", frame " + frame + ": " + e);
                }
            }
        }

        /// Each ends, and its end comes back.
        @Override
        public void close() throws IOException {
            for (int i = 0; i < sockets.size(); i++) {
                try (Socket socket = sockets.get(i)) {
                    socket.shutdownOutput();
                    must(inputs.get(i).read() == -1, "more than was asked for");
                } catch (IOException e) {
                    failures.add("end of flow " + i + ": " + e);
                }
            }
        }
    }

    /// Opens connections that last, in turn to these.
    Flows open(int count, InetSocketAddress... vips) throws Exception {
        return host.run(() -> {
            Flows flows = new Flows();
            for (int i = 0; i < count; i++) {
                Socket socket = new Socket();
                socket.connect(vips[i % vips.length], PATIENCE_MILLIS);
                socket.setSoTimeout(PATIENCE_MILLIS);
                DataInputStream in = new DataInputStream(socket.getInputStream());
                readLine(in);
                flows.sockets.add(socket);
                flows.inputs.add(in);
            }
            return flows;
        });
    }

    /// What went wrong so far.
    List<String> failures() {
        return List.copyOf(failures);
    }

    long connections() {
        return connections.get();
    }

    long datagrams() {
        return datagrams.get();
    }

    /// Asks nothing more; all that was asked has its answer, or is a failure.
    void end() {
        over.set(true);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        end();
    }
}
