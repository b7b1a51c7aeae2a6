package io.fairlead.k8s.status;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's connection to a port of ours: answers one request after the other, as much of
/// HTTP/1.1 as probes and scrapers speak.
///
/// One thread runs it; any thread may close it, which ends that one.
final class HttpConnection implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);

    static final int MAX_HEAD_BYTES = 16_384;

    /// For a request to arrive, the first one from when the client has connected.
    private static final long REQUEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    /// Until the next request: a load balancer asks every few seconds.
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /// For an answer to be read.
    private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final int FIRST_BUFFER_BYTES = 1024;

    /// Of a body that nobody wants: read all the same, as a reset may overtake the answer.
    private static final int MAX_BODY_BYTES = 1 << 16;

    private static final HttpReply BAD_REQUEST = plain(400);
    private static final HttpReply TOO_LONG = plain(431);
    private static final HttpRequestHead BROKEN_REQUEST =
            new HttpRequestHead("GET", "", true, false);

    private final SocketChannel channel;
    private final HttpAnswerWriter writer;
    private final InetAddress client;
    private final LongSupplier nanoClock;
    private volatile long deadlineNanos;
    private byte[] buffer = new byte[FIRST_BUFFER_BYTES];
    private int length;

    /// @param channel owned from here on
    HttpConnection(SocketChannel channel, LongSupplier nanoClock) {
        this.channel = channel;
        this.writer = new HttpAnswerWriter(channel);
        this.client = channel.socket().getInetAddress();
        this.nanoClock = nanoClock;
        within(REQUEST_NANOS);
    }

    private static HttpReply plain(int code) {
        return new HttpReply(code, "text/plain; charset=utf-8", code + "\n", Map.of());
    }

    InetAddress client() {
        return client;
    }

    boolean isLate(long nowNanos) {
        return nowNanos - deadlineNanos > 0;
    }

    private void within(long nanos) {
        deadlineNanos = nanoClock.getAsLong() + nanos;
    }

    /// Answers until the client has had enough, or it is closed.
    ///
    /// @param answers by path
    void serve(Function<String, ? extends HttpAnswer> answers) {
        try (this) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            while (answerNext(answers)) {
                within(IDLE_NANOS);
            }
        } catch (IOException _) {
            LOG.trace("gone: {}", client);
        } catch (RuntimeException e) {
            // The connection is closed without an answer; the next one gets its chance.
            LOG.warn("no answer to {}", client, e);
        }
    }

    /// Whether another request may come.
    private boolean answerNext(Function<String, ? extends HttpAnswer> answers) throws IOException {
        int head = readHead();
        if (head < 0) {
            return false;
        }
        HttpRequestHead request = head == 0 ? null : request(head);
        if (request == null) {
            within(ANSWER_NANOS);
            writer.write(head == 0 ? TOO_LONG : BAD_REQUEST, BROKEN_REQUEST);
        } else {
            HttpAnswer answer = answers.apply(request.path());
            within(ANSWER_NANOS);
            writer.write(answer, request);
        }
        if (request == null || request.last()) {
            channel.shutdownOutput();
            passOverRest();
            return false;
        }
        length -= head;
        System.arraycopy(buffer, head, buffer, 0, length);
        return true;
    }

    private @Nullable HttpRequestHead request(int head) {
        try {
            return HttpRequestHead.parse(new String(buffer, 0, head, ISO_8859_1));
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /// The bytes up to the first empty line; 0 when there are too many, -1 when there is no more.
    private int readHead() throws IOException {
        int searched = 0;
        while (true) {
            int end = endOfHead(searched);
            if (end > 0) {
                return end;
            }
            if (length == MAX_HEAD_BYTES) {
                return 0;
            }
            searched = Math.max(0, length - 2);
            boolean first = length == 0;
            if (!readMore()) {
                return -1;
            }
            if (first) {
                within(REQUEST_NANOS);
            }
        }
    }

    /// Behind the first line feed that another follows, with or without a carriage return; or 0.
    private int endOfHead(int from) {
        for (int i = from; i < length - 1; i++) {
            if (buffer[i] == '\n') {
                int next = buffer[i + 1] == '\r' && i + 2 < length ? i + 2 : i + 1;
                if (buffer[next] == '\n') {
                    return next + 1;
                }
            }
        }
        return 0;
    }

    private boolean readMore() throws IOException {
        if (length == buffer.length) {
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        int read = channel.read(ByteBuffer.wrap(buffer, length, buffer.length - length));
        length += Math.max(0, read);
        return read >= 0;
    }

    private void passOverRest() throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(buffer);
        int passed = 0;
        int read = 0;
        while (read >= 0 && passed < MAX_BODY_BYTES) {
            rest.clear();
            read = channel.read(rest);
            passed += read;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException _) {
            LOG.trace("gone: {}", client);
        }
    }
}
