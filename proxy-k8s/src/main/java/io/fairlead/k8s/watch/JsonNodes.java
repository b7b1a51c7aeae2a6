package io.fairlead.k8s.watch;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Access to trees of unknown shape.
final class JsonNodes {
    private JsonNodes() {}

    static ObjectNode empty() {
        return JsonNodeFactory.instance.objectNode();
    }

    /// The text at `field`, or null when there is none or it is something else.
    static @Nullable String text(JsonNode object, String field) {
        JsonNode value = object.get(field);
        return value != null && value.isString() ? value.stringValue() : null;
    }
}
