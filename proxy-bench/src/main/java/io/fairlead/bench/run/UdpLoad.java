package io.fairlead.bench.run;

import io.fairlead.lab.Host;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadFactory;
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

    /// What came of it.
    ///
    /// @param answers that came
    /// @param lost that did not within a second
    record Result(long answers, long lost, double seconds) {
        double perSecond() {
            return answers / seconds;
        }
    }

    private final Host from;
    private final InetSocketAddress to;
    private final boolean newFlows;
    private final LongAdder answers = new LongAdder();
    private final LongAdder lost = new LongAdder();

    UdpLoad(Host from, InetSocketAddress to, boolean newFlows) {
        this.from = from;
        this.to = to;
        this.newFlows = newFlows;
    }

    /// Whether one question is answered.
    boolean isServed() throws Exception {
        return from.run(() -> {
            try (DatagramSocket socket = socket()) {
                return exchange(socket, 1, 0) == 1;
            }
        });
    }

    Result run(Duration time) throws InterruptedException {
        answers.reset();
        lost.reset();
        long start = System.nanoTime();
        long end = start + time.toNanos();
        ThreadFactory threads = from.netns().threadFactory("load");
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Thread client = threads.newThread(() -> ask(end));
            clients.add(client);
            client.start();
        }
        for (Thread client : clients) {
            client.join();
        }
        return new Result(answers.sum(), lost.sum(), (System.nanoTime() - start) / 1e9);
    }

    private void ask(long endNs) {
        int number = 0;
        try {
            DatagramSocket socket = socket();
            try {
                while (System.nanoTime() < endNs) {
                    int many = newFlows ? 1 : WINDOW;
                    int got = exchange(socket, many, number);
                    number += many;
                    answers.add(got);
                    lost.add(many - got);
                    if (newFlows) {
                        socket.close();
                        socket = socket();
                    }
                }
            } finally {
                socket.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException("no client", e);
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
