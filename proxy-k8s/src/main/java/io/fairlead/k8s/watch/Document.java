package io.fairlead.k8s.watch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.databind.node.ObjectNode;

/// A file that is one YAML or JSON object: configuration, not manifests.
///
/// @param root the object; immutable by convention
/// @param lines where each value stands, by paths such as `a.b[0]`; not those that aliases repeat
/// @param duplicates paths of fields that were given twice, of which the last holds
public record Document(ObjectNode root, Map<String, Integer> lines, List<String> duplicates) {

    /// People write these files: a few hundred lines.
    private static final int MAX_BYTES = 1 << 20;

    private static final long MAX_VALUES = 20_000;

    /// Reads a file; its name tells YAML from JSON.
    ///
    /// @throws BrokenFileException when it is not one object
    public static Document read(String file, byte[] bytes) throws BrokenFileException {
        if (bytes.length > MAX_BYTES) {
            throw new BrokenFileException("", "is larger than " + MAX_BYTES + " bytes");
        }
        List<String> duplicates = new ArrayList<>();
        ObjectNode root =
                Tokens.readWithDuplicates(
                        file,
                        bytes,
                        parser -> {
                            TreeReader trees =
                                    new TreeReader(
                                            parser,
                                            MAX_VALUES,
                                            _ -> duplicates.add(path(parser.streamReadContext())));
                            ObjectNode only = null;
                            for (JsonToken t = parser.nextToken();
                                    t != null;
                                    t = parser.nextToken()) {
                                if (t == JsonToken.VALUE_NULL) {
                                    continue;
                                }
                                String line = "line " + parser.currentTokenLocation().getLineNr();
                                if (only != null) {
                                    throw new BrokenFileException(
                                            line, "starts another document; leave one in the file");
                                }
                                trees.startDocument();
                                if (!(trees.read() instanceof ObjectNode object)) {
                                    throw new BrokenFileException(
                                            line, "is not an object; write KEY: VALUE");
                                }
                                only = object;
                            }
                            if (only == null) {
                                throw new BrokenFileException(
                                        "", "is empty; name at least apiVersion and kind");
                            }
                            return only;
                        });
        return new Document(root, lines(file, bytes), List.copyOf(duplicates));
    }

    private static Map<String, Integer> lines(String file, byte[] bytes)
            throws BrokenFileException {
        return Tokens.readWithDuplicates(
                file,
                bytes,
                parser -> {
                    Map<String, Integer> lines = new HashMap<>();
                    for (JsonToken t = parser.nextToken(); t != null; t = parser.nextToken()) {
                        // Of a field given twice, the last, as its value.
                        if (t == JsonToken.PROPERTY_NAME || !t.isStructEnd()) {
                            int line = parser.currentTokenLocation().getLineNr();
                            String path = path(parser.streamReadContext());
                            if (t == JsonToken.PROPERTY_NAME) {
                                lines.put(path, line);
                            } else {
                                lines.putIfAbsent(path, line);
                            }
                        }
                    }
                    return Map.copyOf(lines);
                });
    }

    private static String path(@Nullable TokenStreamContext context) {
        if (context == null || context.inRoot()) {
            return "";
        }
        String parent = path(context.getParent());
        if (context.inArray()) {
            return context.hasCurrentIndex()
                    ? parent + "[" + context.getCurrentIndex() + "]"
                    : parent;
        }
        if (context.currentName() == null) {
            return parent;
        }
        return parent.isEmpty() ? context.currentName() : parent + "." + context.currentName();
    }

    /// `line 3`, or empty where that is not known.
    public String place(String path) {
        Integer line = lines.get(path);
        return line == null ? "" : "line " + line;
    }
}
