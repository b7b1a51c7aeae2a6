package io.fairlead.k8s.cluster;

import java.util.Comparator;

/// Something in the input that could not be used as it stands; everything else went on.
///
/// @param object what has the problem: `Service default/web`, `File web.yaml`
/// @param field path within the object, such as `spec.ports[0].port`; empty for the whole of it
/// @param message the value, what is done about it, and what to change
public record Problem(String object, String field, String message) implements Comparable<Problem> {

    private static final Comparator<Problem> ORDER =
            Comparator.comparing(Problem::object)
                    .thenComparing(Problem::field)
                    .thenComparing(Problem::message);

    /// Bounds what one hostile value can add to a message.
    private static final int MAX_QUOTED_LENGTH = 120;

    public static Problem of(ObjectKey object, String field, String message) {
        return new Problem(object.toString(), field, message);
    }

    /// `value` in quotes for a message: on one line, printable, cut when long.
    public static String quote(String value) {
        StringBuilder text = new StringBuilder("'");
        int shown = Math.min(value.length(), MAX_QUOTED_LENGTH);
        for (int i = 0; i < shown; i++) {
            char c = value.charAt(i);
            text.append(c >= ' ' && c < 0x7f ? c : '?');
        }
        return text.append(shown < value.length() ? "...'" : "'").toString();
    }

    @Override
    public int compareTo(Problem other) {
        return ORDER.compare(this, other);
    }

    /// `Service default/web: spec.type: message`.
    @Override
    public String toString() {
        return object + ": " + (field.isEmpty() ? "" : field + ": ") + message;
    }
}
