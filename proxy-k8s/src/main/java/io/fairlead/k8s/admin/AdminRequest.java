package io.fairlead.k8s.admin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One request: what is asked for, by which host name, with which parameters.
///
/// @param host as the client calls this server, without port; empty where it does not say
record AdminRequest(String method, String path, Map<String, String> query, String host) {

    /// A request with all its headers; more is refused unread.
    static final int MAX_BYTES = 8 * 1024;

    AdminRequest {
        query = Map.copyOf(query);
    }

    /// Reads the head of an HTTP/1.x request; null when it is none.
    static @Nullable AdminRequest parse(byte[] head) {
        String[] lines = new String(head, ISO_8859_1).split("\r\n", -1);
        String[] first = lines[0].split(" ", -1);
        if (first.length != 3 || !first[2].startsWith("HTTP/1.") || !first[1].startsWith("/")) {
            return null;
        }
        int question = first[1].indexOf('?');
        String path = question < 0 ? first[1] : first[1].substring(0, question);
        try {
            Map<String, String> query =
                    question < 0 ? Map.of() : query(first[1].substring(question + 1));
            return new AdminRequest(first[0], decoded(path), query, host(lines));
        } catch (IllegalArgumentException _) {
            return null; // a bad % escape
        }
    }

    private static Map<String, String> query(String text) {
        Map<String, String> query = new HashMap<>();
        for (String pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return query;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, UTF_8);
    }

    private static String host(String[] lines) {
        for (String line : lines) {
            if (line.toLowerCase(Locale.ROOT).startsWith("host:")) {
                String value = line.substring("host:".length()).strip();
                int colon = value.lastIndexOf(':');
                return colon > value.lastIndexOf(']') ? value.substring(0, colon) : value;
            }
        }
        return "";
    }

    /// A parameter; empty where it is missing.
    String parameter(String name) {
        return query.getOrDefault(name, "");
    }

    /// A whole number from 1 on.
    ///
    /// @throws IllegalArgumentException when it is none; the message says which parameter
    int count(String name, int otherwise, int most) {
        String text = parameter(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            int count = Integer.parseInt(text);
            if (count >= 1) {
                return Math.min(count, most);
            }
        } catch (NumberFormatException _) {
            // As below.
        }
        throw new IllegalArgumentException(name + ": give a whole number from 1 to " + most);
    }
}
