package io.fairlead.k8s.admin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One request and its answer; the connection ends with them, or when the time is over.
final class AdminExchange {

    private static final Logger LOG = LoggerFactory.getLogger(AdminExchange.class);

    private final SocketChannel client;
    private final ScheduledExecutorService watch;
    private final Duration patience;

    /// @param patience for all of it: asking, answering and reading the answer
    AdminExchange(SocketChannel client, ScheduledExecutorService watch, Duration patience) {
        this.client = client;
        this.watch = watch;
        this.patience = patience;
    }

    /// Reads a request and writes its answer.
    void answer(Function<AdminRequest, AdminReply> answers) throws IOException {
        ScheduledFuture<?> end =
                watch.schedule(this::cut, patience.toMillis(), TimeUnit.MILLISECONDS);
        try {
            byte[] bytes = new byte[AdminRequest.MAX_BYTES];
            ByteBuffer head = ByteBuffer.wrap(bytes);
            int length = read(head, bytes);
            if (length < 0) {
                if (!head.hasRemaining()) {
                    write(
                            AdminReply.error(
                                            AdminReply.TOO_LARGE,
                                            "more than " + AdminRequest.MAX_BYTES + " bytes")
                                    .bytes("GET"));
                }
                return;
            }
            AdminRequest request = AdminRequest.parse(Arrays.copyOf(bytes, length));
            write(
                    request == null
                            ? AdminReply.error(AdminReply.BAD_REQUEST, "not a request of HTTP/1.1")
                                    .bytes("GET")
                            : reply(request, answers).bytes(request.method()));
        } finally {
            end.cancel(false);
        }
    }

    private static AdminReply reply(
            AdminRequest request, Function<AdminRequest, AdminReply> answers) {
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            return AdminReply.error(
                    AdminReply.METHOD_NOT_ALLOWED, "nothing can be changed here; ask by GET");
        }
        try {
            return answers.apply(request);
        } catch (IllegalArgumentException e) {
            return AdminReply.error(AdminReply.BAD_REQUEST, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.warn("no answer to {}", request.path(), e);
            return AdminReply.error(AdminReply.FAILED, "the agent's log says what went wrong");
        }
    }

    /// Answers whatever is asked.
    void refuse(AdminReply reply) throws IOException {
        ScheduledFuture<?> end = watch.schedule(this::cut, 1, TimeUnit.SECONDS);
        try {
            // What was not read when a socket is closed becomes a reset, and the answer is lost.
            byte[] bytes = new byte[AdminRequest.MAX_BYTES];
            int _ = read(ByteBuffer.wrap(bytes), bytes);
            write(reply.bytes("GET"));
        } finally {
            end.cancel(false);
        }
    }

    /// @return where the blank line ends; -1 when none came
    private int read(ByteBuffer head, byte[] bytes) throws IOException {
        while (head.hasRemaining() && client.read(head) >= 0) {
            for (int i = 3; i < head.position(); i++) {
                if (bytes[i] == '\n'
                        && bytes[i - 1] == '\r'
                        && bytes[i - 2] == '\n'
                        && bytes[i - 3] == '\r') {
                    return i + 1;
                }
            }
        }
        return -1;
    }

    private void write(byte[] answer) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(answer);
        while (rest.hasRemaining()) {
            client.write(rest);
        }
        client.shutdownOutput();
    }

    private void cut() {
        try {
            client.close();
        } catch (IOException e) {
            LOG.debug("an admin client could not be cut off", e);
        }
    }
}
