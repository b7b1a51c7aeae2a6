package io.fairlead.k8s.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;

/// What the admin server answers.
record AdminReply(int code, String contentType, String body) {

    static final int OK = 200;
    static final int BAD_REQUEST = 400;
    static final int FORBIDDEN = 403;
    static final int NOT_FOUND = 404;
    static final int METHOD_NOT_ALLOWED = 405;
    static final int TOO_LARGE = 431;
    static final int FAILED = 500;
    static final int BUSY = 503;

    private static final Map<Integer, String> REASONS =
            Map.of(
                    OK, "OK",
                    BAD_REQUEST, "Bad Request",
                    FORBIDDEN, "Forbidden",
                    NOT_FOUND, "Not Found",
                    METHOD_NOT_ALLOWED, "Method Not Allowed",
                    TOO_LARGE, "Request Header Fields Too Large",
                    FAILED, "Internal Server Error",
                    BUSY, "Service Unavailable");

    static AdminReply json(Object report) {
        return new AdminReply(OK, "application/json", AdminJson.write(report));
    }

    /// @param message one line that says what to do
    static AdminReply error(int code, String message) {
        return new AdminReply(code, "application/json", AdminJson.write(new Failure(message)));
    }

    /// What any answer but 200 holds.
    record Failure(String error) {}

    /// The whole answer: it is the last on its connection.
    ///
    /// @param method GET, or HEAD to leave out the body
    byte[] bytes(String method) {
        byte[] content = body.getBytes(UTF_8);
        String head =
                """
                HTTP/1.1 %d %s
                Content-Type: %s
                Content-Length: %d
                Cache-Control: no-store
                X-Content-Type-Options: nosniff
                X-Frame-Options: DENY
                Referrer-Policy: no-referrer
                Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; \
                connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
                %sConnection: close

                """
                        .formatted(
                                code,
                                REASONS.getOrDefault(code, "Error"),
                                contentType,
                                content.length,
                                code == METHOD_NOT_ALLOWED ? "Allow: GET, HEAD\n" : "")
                        .replace("\n", "\r\n");
        byte[] start = head.getBytes(UTF_8);
        if (method.equals("HEAD")) {
            return start;
        }
        byte[] all = new byte[start.length + content.length];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(content, 0, all, start.length, content.length);
        return all;
    }
}
