package io.fairlead.k8s.watch;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLParser;

/// Builds trees from the tokens of a YAML or JSON document, within a budget of values.
///
/// YAML aliases are resolved; what they repeat is charged as if it were written out, so that a
/// short text cannot stand for an endless one.
final class TreeReader {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String MERGE_KEY = "<<";

    /// A value that an anchor names, and how many values it holds.
    private record Anchored(JsonNode value, long size) {}

    private final JsonParser parser;
    private final long budget;
    private final @Nullable Consumer<String> duplicates;
    private final Map<String, Anchored> anchors = new HashMap<>();
    private final Set<String> open = new HashSet<>();
    private long used;

    TreeReader(JsonParser parser, long budget) {
        this(parser, budget, null);
    }

    /// @param duplicates told the names of fields given twice, of which the last holds; null where
    ///   they break the file
    TreeReader(JsonParser parser, long budget, @Nullable Consumer<String> duplicates) {
        this.parser = parser;
        this.budget = budget;
        this.duplicates = duplicates;
    }

    /// Starts a new document: its anchors are its own.
    void startDocument() {
        anchors.clear();
        used = 0;
    }

    /// Gives the values read since `mark`, which were let go, back to the budget; not those that an
    /// anchor still holds.
    void release(long mark) {
        if (anchors.isEmpty()) {
            used = mark;
        }
    }

    /// The budget used so far.
    long mark() {
        return used;
    }

    /// Reads the value whose first token is the parser's current one.
    JsonNode read() throws BrokenFileException {
        if (isAlias()) {
            return alias();
        }
        String anchor = anchor();
        if (anchor != null && !open.add(anchor)) {
            throw broken("anchor '" + anchor + "' within itself");
        }
        long before = used;
        spend(1);
        JsonNode value = value(parser.currentToken());
        if (anchor != null) {
            open.remove(anchor);
            anchors.put(anchor, new Anchored(value, used - before));
        }
        return value;
    }

    private JsonNode value(JsonToken token) throws BrokenFileException {
        return switch (token) {
            case START_OBJECT -> object();
            case START_ARRAY -> array();
            case VALUE_STRING -> NODES.stringNode(parser.getString());
            case VALUE_TRUE -> NODES.booleanNode(true);
            case VALUE_FALSE -> NODES.booleanNode(false);
            case VALUE_NULL -> NODES.nullNode();
            case VALUE_NUMBER_INT -> integer();
            case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDoubleValue());
            default -> NODES.stringNode(String.valueOf(parser.getString()));
        };
    }

    private JsonNode integer() {
        return switch (parser.getNumberType()) {
            case INT -> NODES.numberNode(parser.getIntValue());
            case LONG -> NODES.numberNode(parser.getLongValue());
            default -> NODES.numberNode(parser.getBigIntegerValue());
        };
    }

    private ArrayNode array() throws BrokenFileException {
        ArrayNode array = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(read());
        }
        return array;
    }

    private ObjectNode object() throws BrokenFileException {
        ObjectNode object = NODES.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            readInto(object, name);
        }
        return object;
    }

    /// Reads the value whose first token is the current one into a field of `object`.
    void readInto(ObjectNode object, String name) throws BrokenFileException {
        JsonNode value = read();
        if (name.equals(MERGE_KEY) && value instanceof ObjectNode merged) {
            for (Map.Entry<String, JsonNode> field : merged.properties()) {
                object.putIfAbsent(field.getKey(), field.getValue());
            }
            return;
        }
        if (object.has(name)) {
            if (duplicates == null) {
                throw broken("field '" + name + "' twice");
            }
            duplicates.accept(name);
        }
        object.set(name, value);
    }

    private boolean isAlias() {
        return parser instanceof YAMLParser yaml && yaml.isCurrentAlias();
    }

    private @Nullable String anchor() {
        return parser instanceof YAMLParser yaml ? yaml.getObjectId() : null;
    }

    private JsonNode alias() throws BrokenFileException {
        String name = parser.getString();
        Anchored anchored = anchors.get(name);
        if (anchored == null) {
            throw broken("alias '" + name + "' of no anchor");
        }
        spend(anchored.size);
        return anchored.value;
    }

    private void spend(long values) throws BrokenFileException {
        used += values;
        if (used > budget) {
            throw broken("more than " + budget + " values in one document; split it");
        }
    }

    private BrokenFileException broken(String message) {
        return new BrokenFileException(
                "line " + parser.currentTokenLocation().getLineNr(), message);
    }
}
