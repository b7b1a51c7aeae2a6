package io.fairlead.bench.load;

import io.fairlead.lab.Setns;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/// Asks questions of DNS of 64 bytes, several clients at once, either from sockets that stay or
/// each from a socket of its own.
final class UdpLoad {

    private static final int CLIENTS = 8;

    /// Questions under way at once of a socket that stays.
    private static final int WINDOW = 8;

    private static final int TIMEOUT_MILLIS = 1_000;

    /// So that the whole is 64 bytes.
    private static final String LABEL = "datagrams-of-sixty-four-bytes-each-00";

    private final Path namespace;
    private final InetSocketAddress to;
    private final boolean newFlows;
    private final LongAdder answers = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private volatile String failure = "";

    UdpLoad(Path namespace, InetSocketAddress to, boolean newFlows) {
        this.namespace = namespace;
        this.to = to;
        this.newFlows = newFlows;
    }

    /// Asks one question.
    LoadResult probe() throws InterruptedException {
        return run(
                1,
                () -> {
                    try (DatagramSocket socket = socket()) {
                        count(1, exchange(socket, 1, 0));
                    }
                });
    }

    LoadResult run(double seconds) throws InterruptedException {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        return run(CLIENTS, () -> ask(end));
    }

    /// What a client does.
    private interface Asking {
        void ask() throws IOException;
    }

    private LoadResult run(int threads, Asking asking) throws InterruptedException {
        long start = System.nanoTime();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            clients.add(
                    Thread.ofPlatform()
                            .name("udp")
                            .start(() -> {
                                Setns.enter(namespace);
                                try {
                                    asking.ask();
                                } catch (IOException e) {
                                    failure = e.toString();
                                }
                            }));
        }
        for (Thread client : clients) {
            client.join();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        long missing = lost.sum();
        String why = failure.isEmpty() && missing > 0 ? "not answered within a second" : failure;
        return new LoadResult(answers.sum(), answers.sum() * 64, missing, why, seconds, "", 0);
    }

    private void count(int asked, int answered) {
        answers.add(answered);
        lost.add(asked - answered);
    }

    private void ask(long endNs) throws IOException {
        int number = 0;
        DatagramSocket socket = socket();
        try {
            while (System.nanoTime() < endNs) {
                int many = newFlows ? 1 : WINDOW;
                count(many, exchange(socket, many, number));
                number += many;
                if (newFlows) {
                    socket.close();
                    socket = socket();
                }
            }
        } finally {
            socket.close();
        }
    }

    private DatagramSocket socket() throws IOException {
        DatagramSocket socket = new DatagramSocket();
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(to);
        return socket;
    }

    /// How many of the questions were answered.
    private static int exchange(DatagramSocket socket, int many, int number) throws IOException {
        int got = 0;
        try {
            for (int i = 0; i < many; i++) {
                byte[] question = question(number + i);
                socket.send(new DatagramPacket(question, question.length));
            }
            DatagramPacket answer = new DatagramPacket(new byte[512], 512);
            while (got < many) {
                socket.receive(answer);
                int id = Short.toUnsignedInt(ByteBuffer.wrap(answer.getData()).getShort());
                // A late one, of a window before, is lost already.
                got += (id - number & 0xffff) < many ? 1 : 0;
            }
            return got;
        } catch (SocketTimeoutException | PortUnreachableException _) {
            return got;
        }
    }

    private static byte[] question(int number) {
        byte[] label = LABEL.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer question = ByteBuffer.allocate(64);
        question.putShort((short) number).putShort((short) 0x0100).putShort((short) 1);
        question.putShort((short) 0).putInt(0);
        question.put((byte) label.length)
                .put(label)
                .put((byte) 4)
                .put("test".getBytes(StandardCharsets.US_ASCII));
        question.put((byte) 0).putShort((short) 1).putShort((short) 1);
        return Arrays.copyOf(question.array(), 64);
    }
}
