package io.fairlead.core.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fairlead.core.service.AddressPort;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Clients that ask as fast as they are answered, [#WINDOW] questions at a time, and compare each
/// answer with its question: its text, whence it comes, and that a flow stays with its backend.
public final class QueryLoad implements AutoCloseable {

    /// Below what the kernel queues for one socket of small datagrams.
    public static final int WINDOW = 64;

    private static final int SEED = 20_261_123;

    private final boolean dns;
    private final List<DatagramSocket> sockets = new ArrayList<>();
    private final List<SocketAddress> vips;
    private final Map<Long, String> backends = new HashMap<>();
    private final Random random = new Random(SEED);
    private int number;
    private long asked;
    private long lost;
    private long nanos;

    /// One question.
    private static final class Question {
        final int socket;
        final int vip;
        final byte[] text;

        Question(int socket, int vip, byte[] text) {
            this.socket = socket;
            this.vip = vip;
            this.text = text;
        }
    }

    private QueryLoad(boolean dns, int sockets, List<AddressPort> vips) throws IOException {
        this.dns = dns;
        this.vips = vips.stream().<SocketAddress>map(DatagramServices::address).toList();
        for (int i = 0; i < sockets; i++) {
            DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"));
            socket.setSoTimeout(20_000);
            this.sockets.add(socket);
        }
    }

    /// Asks servers of the kind of [DatagramServer].
    public static QueryLoad ofEchoes(int sockets, List<AddressPort> vips) throws IOException {
        return new QueryLoad(false, sockets, vips);
    }

    /// Asks servers of the kind of [DnsServer].
    public static QueryLoad ofDns(int sockets, List<AddressPort> vips) throws IOException {
        return new QueryLoad(true, sockets, vips);
    }

    /// A question of each socket to each VIP.
    public void askEachOnce() throws IOException {
        List<Question> window = new ArrayList<>();
        for (int socket = 0; socket < sockets.size(); socket++) {
            for (int vip = 0; vip < vips.size(); vip++) {
                window.add(question(socket, vip));
                if (window.size() == WINDOW) {
                    exchange(window);
                    window.clear();
                }
            }
        }
        exchange(window);
    }

    /// Questions of sockets and to VIPs by chance.
    public void ask(int count) throws IOException {
        long start = System.nanoTime();
        for (int i = 0; i < count; i += WINDOW) {
            List<Question> window = new ArrayList<>();
            for (int k = 0; k < WINDOW && i + k < count; k++) {
                window.add(question(random.nextInt(sockets.size()), random.nextInt(vips.size())));
            }
            exchange(window);
        }
        nanos += System.nanoTime() - start;
    }

    private Question question(int socket, int vip) {
        int n = number++;
        byte[] text =
                dns
                        ? new DnsQuestion(n & 0xffff, "n" + n + ".example").bytes()
                        : ("question " + n + " of " + socket + " to " + vip).getBytes(US_ASCII);
        return new Question(socket, vip, text);
    }

    private void exchange(List<Question> window) throws IOException {
        Map<Integer, List<Question>> bySocket = new HashMap<>();
        for (Question question : window) {
            sockets.get(question.socket)
                    .send(
                            new DatagramPacket(
                                    question.text, question.text.length, vips.get(question.vip)));
            bySocket.computeIfAbsent(question.socket, _ -> new ArrayList<>()).add(question);
        }
        asked += window.size();
        DatagramPacket answer = new DatagramPacket(new byte[512], 512);
        for (Map.Entry<Integer, List<Question>> of : bySocket.entrySet()) {
            List<Question> open = of.getValue();
            while (!open.isEmpty()) {
                try {
                    answer.setLength(512);
                    sockets.get(of.getKey()).receive(answer);
                    match(open, answer);
                } catch (SocketTimeoutException _) {
                    lost += open.size();
                    open.clear();
                }
            }
        }
    }

    private void match(List<Question> open, DatagramPacket answer) {
        byte[] data = Arrays.copyOf(answer.getData(), answer.getLength());
        for (Question question : open) {
            String backend = dns ? dnsAnswers(question, data) : echoes(question, data);
            if (backend != null) {
                if (!answer.getSocketAddress().equals(vips.get(question.vip))) {
                    throw new AssertionError(
                            "asked "
                                    + vips.get(question.vip)
                                    + ", answered by "
                                    + answer.getSocketAddress());
                }
                long flow = (long) question.socket << 32 | question.vip;
                String before = backends.putIfAbsent(flow, backend);
                if (before != null && !before.equals(backend)) {
                    throw new AssertionError(
                            "a flow went from " + before + " to " + backend + ", seed " + SEED);
                }
                open.remove(question);
                return;
            }
        }
        throw new AssertionError("an answer to no question of this socket, seed " + SEED);
    }

    private static @Nullable String echoes(Question question, byte[] answer) {
        String text = new String(answer, US_ASCII);
        int colon = text.indexOf(':');
        return text.substring(colon + 1).equals(new String(question.text, US_ASCII))
                ? text.substring(0, colon)
                : null;
    }

    /// Each question of DNS is balanced anew, so any backend may answer.
    private static @Nullable String dnsAnswers(Question question, byte[] answer) {
        return Arrays.equals(DnsServer.answer(question.text, question.text.length), answer)
                ? "any"
                : null;
    }

    /// Questions that had no answer.
    public long lost() {
        return lost;
    }

    /// What [#ask] did.
    public String report() {
        return "%d questions of %d sockets to %d VIPs: %d lost, %.0f a second"
                .formatted(asked, sockets.size(), vips.size(), lost, asked * 1e9 / nanos);
    }

    @Override
    public void close() {
        sockets.forEach(DatagramSocket::close);
    }
}
