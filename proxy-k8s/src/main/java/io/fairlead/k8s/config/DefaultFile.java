package io.fairlead.k8s.config;

import io.fairlead.k8s.AgentOptions;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The file that says nothing but the defaults, with a comment on each key: the same on every
/// machine.
public final class DefaultFile {

    private static final int MAX_COLUMNS = 100;

    private DefaultFile() {}

    /// The text, as YAML.
    public static String text() {
        StringBuilder text = new StringBuilder();
        text.append("# Each key with its default; docs/configuration.md tells more.\n");
        text.append("apiVersion: ").append(ConfigKeys.API_VERSION).append('\n');
        text.append("kind: ").append(ConfigKeys.KIND).append('\n');
        String section = "";
        for (ConfigKey<?> key : ConfigKeys.ALL) {
            int dot = Math.max(key.path().indexOf('.'), 0);
            String own = key.path().substring(0, dot);
            text.append('\n');
            if (!own.equals(section)) {
                text.append(own).append(":\n");
                section = own;
            }
            append(text, key, own.isEmpty() ? "" : "  ");
        }
        return text.toString();
    }

    private static void append(StringBuilder text, ConfigKey<?> key, String indent) {
        String words = key.form().words();
        comment(text, indent, key.description());
        comment(text, indent, "Value: " + (key.form().isList() ? "list, each " : "") + words + ".");
        if (key.isDefaultInWords()) {
            comment(text, indent, "Default: " + key.defaultText() + ".");
            text.append(indent).append("# ").append(ConfigKeys.leaf(key)).append(":\n");
        } else {
            text.append(indent)
                    .append(ConfigKeys.leaf(key))
                    .append(": ")
                    .append(yaml(key.shown(AgentOptions.DEFAULT)))
                    .append('\n');
        }
    }

    private static void comment(StringBuilder text, String indent, String sentence) {
        String start = indent + "#";
        StringBuilder line = new StringBuilder(start);
        for (String word : List.of(sentence.split(" ", -1))) {
            if (line.length() + 1 + word.length() > MAX_COLUMNS) {
                text.append(line).append('\n');
                line = new StringBuilder(start);
            }
            line.append(' ').append(word);
        }
        text.append(line).append('\n');
    }

    /// Quoted where YAML might take it for something else.
    private static String yaml(@Nullable Object value) {
        String text = Objects.toString(value);
        return value instanceof String && !text.matches("[a-z][a-z-]*[a-z]|[0-9]+[a-z]+")
                ? "\"" + text + "\""
                : text;
    }
}
