package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.Problem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Reads the bytes of one manifest file into the objects it holds.
///
/// The elements of a list are read one by one, so that a dump of a whole cluster is never a tree as
/// a whole. Whatever the bytes are, memory and depth stay within the constants here and in
/// [Tokens].
final class ManifestParser {

    /// Larger files are refused.
    static final int MAX_FILE_BYTES = Tokens.MAX_FILE_BYTES;

    /// A slice of 1,000 endpoints holds about 30,000 values.
    private static final long MAX_VALUES = 2_000_000;

    private final ObjectReader objects;
    private final TreeReader trees;
    private final JsonParser parser;
    private int document;
    private boolean anything;
    private @Nullable String doubt;

    private ManifestParser(String file, JsonParser parser) {
        this.objects = new ObjectReader(file);
        this.parser = parser;
        this.trees = new TreeReader(parser, MAX_VALUES);
    }

    /// Reads a file; its name tells YAML from JSON.
    ///
    /// @throws BrokenFileException when the file as a whole makes no sense
    static ParsedFile parse(String file, byte[] bytes) throws BrokenFileException {
        return Tokens.read(file, bytes, parser -> new ManifestParser(file, parser).parse());
    }

    private ParsedFile parse() throws BrokenFileException {
        for (JsonToken t = parser.nextToken(); t != null; t = parser.nextToken()) {
            document++;
            anything |= t != JsonToken.VALUE_NULL;
            trees.startDocument();
            switch (t) {
                case START_OBJECT -> object();
                case START_ARRAY -> array(trees.read());
                case VALUE_NULL -> {}
                default -> {
                    String value = Problem.quote(String.valueOf(parser.getString()));
                    throw new BrokenFileException(
                            "document " + document, value + " is not an object");
                }
            }
        }
        if (!anything) {
            doubt("it is empty");
        }
        return new ParsedFile(objects.objects(), objects.problems(), doubt);
    }

    private void doubt(String message) {
        if (doubt == null) {
            doubt = message;
        }
    }

    private void array(JsonNode list) {
        passOver("is a list, not an object", list.valueStream().anyMatch(e -> e.has("kind")));
    }

    /// Notes what is no manifest: it may be half of one.
    ///
    /// @param meant whether it looks like one, which somebody will miss; other files may lie there
    private void passOver(String what, boolean meant) {
        doubt("document " + document + " " + what);
        if (meant) {
            objects.fileProblem(
                    "document " + document,
                    what + "; it is ignored, write objects that have an apiVersion and a kind");
        }
    }

    /// Reads a document; of a list, each element as it comes.
    private void object() throws BrokenFileException {
        ObjectNode object = JsonNodes.empty();
        List<ObjectNode> elements = new ArrayList<>();
        int read = objects.size();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("items") && value == JsonToken.START_ARRAY && mayBeList(object)) {
                elements(object, elements);
            } else {
                trees.readInto(object, name);
            }
        }
        String kind = JsonNodes.text(object, "kind");
        String version = JsonNodes.text(object, "apiVersion");
        if (kind == null || version == null) {
            objects.truncate(read);
            passOver("names no kind or no apiVersion", kind != null);
        } else if (!kind.endsWith("List")) {
            objects.truncate(read);
            note(objects.read(object, version, kind));
        } else {
            for (ObjectNode element : elements) {
                element(element, version, kind);
            }
        }
    }

    private static boolean mayBeList(ObjectNode object) {
        String kind = JsonNodes.text(object, "kind");
        return kind == null || kind.endsWith("List");
    }

    /// Reads the elements of a list; keeps those whose kind only the rest of the list can tell.
    private void elements(ObjectNode list, List<ObjectNode> unknown) throws BrokenFileException {
        String kind = JsonNodes.text(list, "kind");
        String version = JsonNodes.text(list, "apiVersion");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            long mark = trees.mark();
            if (!(trees.read() instanceof ObjectNode element)) {
                passOver("lists something that is not an object", true);
            } else if (JsonNodes.text(element, "kind") != null) {
                element(element, "", "");
                trees.release(mark);
            } else if (kind != null && version != null) {
                element(element, version, kind);
                trees.release(mark);
            } else {
                unknown.add(element);
            }
        }
    }

    private void element(ObjectNode element, String listVersion, String listKind) {
        String kind = JsonNodes.text(element, "kind");
        String version = JsonNodes.text(element, "apiVersion");
        if (kind == null) {
            kind = listKind.substring(0, listKind.length() - "List".length());
        }
        note(objects.read(element, version == null ? listVersion : version, kind));
    }

    private void note(@Nullable String trouble) {
        if (trouble != null) {
            doubt("document " + document + " " + trouble);
        }
    }
}
