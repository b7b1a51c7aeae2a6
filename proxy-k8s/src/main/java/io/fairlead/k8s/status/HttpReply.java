package io.fairlead.k8s.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;

/// An answer that is made as a whole.
///
/// @param headers besides those that every answer has
record HttpReply(int code, String contentType, String body, Map<String, String> headers)
        implements HttpAnswer {

    static final int OK = 200;
    static final int NOT_FOUND = 404;
    static final int UNAVAILABLE = 503;

    static HttpReply json(int code, String body) {
        return new HttpReply(code, "application/json", body, Map.of());
    }

    static HttpReply text(String body) {
        return new HttpReply(OK, "text/plain; charset=utf-8", body, Map.of());
    }

    static HttpReply notFound() {
        return new HttpReply(
                NOT_FOUND, "text/plain; charset=utf-8", "404 page not found\n", Map.of());
    }

    byte[] bytes() {
        return body.getBytes(UTF_8);
    }
}
