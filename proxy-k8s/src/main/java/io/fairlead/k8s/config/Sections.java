package io.fairlead.k8s.config;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The known keys of one kind of file, by their paths.
///
/// A value that is null counts as not given, as in Kubernetes.
final class Sections {

    /// What is found on the way through a file.
    interface Visitor {
        /// The value of a known key.
        void value(String path, JsonNode value);

        /// A key that is not known.
        ///
        /// @param similar a known one that may be meant; null for none
        void unknown(String path, @Nullable String similar);

        /// Something else where keys of a section are expected.
        void notSection(String path);
    }

    /// More changes than this make another word.
    private static final int MAX_TYPING_ERRORS = 2;

    private final Set<String> keys;
    private final Set<String> sections = new HashSet<>();

    Sections(Set<String> keys) {
        this.keys = keys;
        for (String key : keys) {
            for (int dot = key.indexOf('.'); dot > 0; dot = key.indexOf('.', dot + 1)) {
                sections.add(key.substring(0, dot));
            }
        }
    }

    /// Goes through all of a file but its apiVersion and kind.
    void visit(ObjectNode root, Visitor visitor) {
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            String name = field.getKey();
            if (!name.equals("apiVersion") && !name.equals("kind")) {
                visit(name, field.getValue(), visitor);
            }
        }
    }

    private void visit(String path, JsonNode value, Visitor visitor) {
        if (keys.contains(path)) {
            if (!value.isNull()) {
                visitor.value(path, value);
            }
        } else if (!sections.contains(path)) {
            visitor.unknown(path, similar(path));
        } else if (value instanceof ObjectNode section) {
            section.properties()
                    .forEach(f -> visit(path + "." + f.getKey(), f.getValue(), visitor));
        } else if (!value.isNull()) {
            visitor.notSection(path);
        }
    }

    /// A known path with the same last name, or nearly that path.
    private @Nullable String similar(String path) {
        String leaf = path.substring(path.lastIndexOf('.') + 1);
        String best = null;
        int least = MAX_TYPING_ERRORS + 1;
        for (String known : keys) {
            int distance =
                    known.substring(known.lastIndexOf('.') + 1).equals(leaf)
                            ? 1
                            : distance(path, known);
            if (distance < least) {
                least = distance;
                best = known;
            }
        }
        for (String section : sections) {
            int distance = distance(path, section);
            if (distance < least) {
                least = distance;
                best = section;
            }
        }
        return best;
    }

    /// How many characters to put in, leave out or replace.
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }
}
