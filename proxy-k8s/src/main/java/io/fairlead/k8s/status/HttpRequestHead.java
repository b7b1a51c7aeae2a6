package io.fairlead.k8s.status;

import java.net.URI;
import java.util.List;
import java.util.Locale;

/// What comes before the body of an HTTP/1.x request, as far as an answer depends on it.
///
/// @param path decoded, without a query
/// @param last whether the connection cannot be used for another one: it has a body, which nobody
///   reads, or the client says so
/// @param knowsChunks whether the answer may come in chunks, and its length need not be known
record HttpRequestHead(String method, String path, boolean last, boolean knowsChunks) {

    /// Reads the lines up to the empty one.
    ///
    /// @throws IllegalArgumentException when they are no such request
    static HttpRequestHead parse(String head) {
        List<String> lines = head.lines().takeWhile(line -> !line.isEmpty()).toList();
        String[] request = lines.isEmpty() ? new String[0] : lines.getFirst().split(" ", -1);
        if (request.length != 3 || !request[2].startsWith("HTTP/1.")) {
            throw new IllegalArgumentException("no request line");
        }
        boolean recent = request[2].equals("HTTP/1.1");
        boolean last = !recent || lines.stream().skip(1).anyMatch(HttpRequestHead::isLast);
        String path = URI.create(request[1]).getPath();
        return new HttpRequestHead(request[0], path == null ? "" : path, last, recent);
    }

    private static boolean isLast(String header) {
        int colon = header.indexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("no header");
        }
        String value = header.substring(colon + 1).strip().toLowerCase(Locale.ROOT);
        return switch (header.substring(0, colon).toLowerCase(Locale.ROOT)) {
            case "connection" -> value.contains("close");
            case "content-length" -> !value.equals("0");
            case "transfer-encoding" -> true;
            default -> false;
        };
    }
}
