package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.Problem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLFactory;

/// Reads the bytes of one manifest file into the objects it holds.
///
/// The elements of a list are read one by one, so that a dump of a whole cluster is never a tree as
/// a whole. Whatever the bytes are, memory and depth stay within the constants here.
final class ManifestParser {

    /// Larger files are refused: about 10,000 Services with 10 endpoints each, as kubectl prints
    /// them.
    static final int MAX_FILE_BYTES = 64 << 20;

    /// Objects nest less than 20 deep; the JSON reader recurses.
    private static final int MAX_DEPTH = 100;

    /// A slice of 1,000 endpoints holds about 30,000 values.
    private static final long MAX_VALUES = 2_000_000;

    /// Objects of a cluster are smaller as a whole. The YAML scanner looks ahead over a whole line,
    /// in time that grows with its square.
    private static final int MAX_LINE_BYTES = 1 << 20;

    private static final StreamReadConstraints CONSTRAINTS =
            StreamReadConstraints.builder()
                    .maxDocumentLength(MAX_FILE_BYTES)
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(MAX_LINE_BYTES)
                    .maxNameLength(4096)
                    .build();

    private static final TokenStreamFactory JSON =
            JsonFactory.builder().streamReadConstraints(CONSTRAINTS).build();

    private static final TokenStreamFactory YAML =
            YAMLFactory.builder()
                    .streamReadConstraints(CONSTRAINTS)
                    .loadSettings(LoadSettings.builder().setCodePointLimit(MAX_FILE_BYTES).build())
                    .build();

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
        boolean json = file.endsWith(".json");
        if (!json) {
            checkLines(bytes);
        }
        TokenStreamFactory factory = json ? JSON : YAML;
        try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), bytes)) {
            return new ManifestParser(file, parser).parse();
        } catch (JacksonException e) {
            throw new BrokenFileException(place(e), summary(e.getOriginalMessage()));
        } catch (RuntimeException e) {
            // Whatever else a parser throws at nonsense is about this file and nothing more.
            throw new BrokenFileException("", summary(e.toString()));
        }
    }

    private static void checkLines(byte[] bytes) throws BrokenFileException {
        int line = 1;
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                line++;
                start = i + 1;
            } else if (i - start >= MAX_LINE_BYTES) {
                throw new BrokenFileException(
                        "line " + line,
                        "is longer than " + MAX_LINE_BYTES + " bytes; break it, or use JSON");
            }
        }
    }

    private static String place(JacksonException e) {
        if (e.getCause() instanceof MarkedYamlEngineException yaml) {
            // Nearer than the last token that was read.
            return yaml.getProblemMark().map(m -> "line " + (m.getLine() + 1)).orElse("");
        }
        return e.getLocation() == null || e.getLocation().getLineNr() < 1
                ? ""
                : "line " + e.getLocation().getLineNr();
    }

    /// What a parser says, without the excerpt of the file that follows.
    private static String summary(String message) {
        List<String> lines = message.lines().limit(2).filter(l -> !l.startsWith(" in ")).toList();
        String quoted = lines.isEmpty() ? "''" : Problem.quote(lines.getLast());
        return "cannot be read: " + quoted.substring(1, quoted.length() - 1);
    }

    private ParsedFile parse() throws BrokenFileException {
        for (JsonToken t = parser.nextToken(); t != null; t = parser.nextToken()) {
            document++;
            anything |= t != JsonToken.VALUE_NULL;
            trees.startDocument();
            switch (t) {
                case START_OBJECT -> object();
                case START_ARRAY -> {
                    trees.read();
                    doubt("document " + document + " is a list, not an object");
                }
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
            doubt("document " + document + " names no kind or no apiVersion");
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
                doubt("document " + document + " lists something that is not an object");
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
