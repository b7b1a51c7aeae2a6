package io.fairlead.k8s.status;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;

/// Answers as they are on the wire of a connection. One thread writes.
final class HttpAnswerWriter {

    private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(ISO_8859_1);

    private final SocketChannel channel;

    HttpAnswerWriter(SocketChannel channel) {
        this.channel = channel;
    }

    /// Writes all of an answer. Where that throws, a part of it may have been written.
    void write(HttpAnswer answer, HttpRequestHead request) throws IOException {
        switch (answer) {
            case HttpReply reply -> write(reply, request);
            case HttpAnswer.Stream stream -> write(stream, request);
        }
    }

    private void write(HttpReply reply, HttpRequestHead request) throws IOException {
        byte[] body = reply.bytes();
        StringBuilder head = head(reply.code(), reply.contentType(), reply.headers());
        line(head, "Content-Length", Integer.toString(body.length));
        byte[] first = end(head, request.last());
        ByteBuffer all = ByteBuffer.allocate(first.length + body.length).put(first);
        if (isWithBody(request)) {
            all.put(body);
        }
        write(all.flip());
    }

    /// In chunks; to a client of before there were any, until the connection ends.
    private void write(HttpAnswer.Stream stream, HttpRequestHead request) throws IOException {
        StringBuilder head = head(HttpReply.OK, stream.contentType(), Map.of());
        if (request.knowsChunks()) {
            line(head, "Transfer-Encoding", "chunked");
        }
        write(ByteBuffer.wrap(end(head, request.last())));
        if (!isWithBody(request)) {
            return;
        }
        if (request.knowsChunks()) {
            stream.source().writeTo(new Body(true));
            write(ByteBuffer.wrap(LAST_CHUNK));
        } else {
            writeToTheEnd(stream);
        }
    }

    /// The end of the connection is that of the answer: half of one must not end like a whole one.
    private void writeToTheEnd(HttpAnswer.Stream stream) throws IOException {
        boolean whole = false;
        try {
            stream.source().writeTo(new Body(false));
            whole = true;
        } finally {
            if (!whole && channel.isOpen()) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        }
    }

    private static boolean isWithBody(HttpRequestHead request) {
        return !request.method().equals("HEAD");
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int _ = channel.write(bytes);
        }
    }

    private static StringBuilder head(int code, String contentType, Map<String, String> headers) {
        StringBuilder head = new StringBuilder(256);
        head.append("HTTP/1.1 ").append(code).append(' ').append(reason(code));
        line(head, "Content-Type", contentType);
        line(head, "X-Content-Type-Options", "nosniff");
        headers.forEach((name, value) -> line(head, name, value));
        line(
                head,
                "Date",
                DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)));
        return head;
    }

    private static byte[] end(StringBuilder head, boolean last) {
        if (last) {
            line(head, "Connection", "close");
        }
        return head.append("\r\n\r\n").toString().getBytes(ISO_8859_1);
    }

    private static void line(StringBuilder head, String name, String value) {
        head.append("\r\n").append(name).append(": ").append(value);
    }

    private static String reason(int code) {
        return switch (code) {
            case HttpReply.OK -> "OK";
            case HttpReply.NOT_FOUND -> "Not Found";
            case HttpReply.UNAVAILABLE -> "Service Unavailable";
            case 400 -> "Bad Request";
            case 431 -> "Request Header Fields Too Large";
            default -> "Other";
        };
    }

    /// What a stream writes to: each write is a chunk, or the bytes alone.
    private final class Body extends OutputStream {

        private final boolean chunked;

        Body(boolean chunked) {
            this.chunked = chunked;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            if (count == 0) {
                return; // a chunk without bytes would be the last one
            }
            ByteBuffer body = ByteBuffer.wrap(bytes, from, count);
            if (!chunked) {
                HttpAnswerWriter.this.write(body);
                return;
            }
            byte[] size = (Integer.toHexString(count) + "\r\n").getBytes(ISO_8859_1);
            ByteBuffer chunk = ByteBuffer.allocate(size.length + count + 2);
            HttpAnswerWriter.this.write(
                    chunk.put(size).put(body).put((byte) '\r').put((byte) '\n').flip());
        }
    }
}
