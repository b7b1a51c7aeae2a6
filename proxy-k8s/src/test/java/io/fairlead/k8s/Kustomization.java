package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.zjsonpatch.JsonPatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// A folder of `deploy` as `kubectl kustomize` renders it, for the few forms that are used there:
/// resources, and JSON patches of one object each. Anything else fails.
final class Kustomization {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Set<String> KNOWN = Set.of("apiVersion", "kind", "resources", "patches");

    private Kustomization() {}

    /// The objects of a file, or of a folder with a kustomization.
    static List<JsonNode> render(Path path) {
        if (!Files.isDirectory(path)) {
            return read(path);
        }
        JsonNode kustomization = read(path.resolve("kustomization.yaml")).getFirst();
        assertThat(KNOWN).containsAll(kustomization.propertyNames());
        List<JsonNode> objects = new ArrayList<>();
        for (JsonNode resource : kustomization.get("resources")) {
            objects.addAll(render(path.resolve(resource.asString()).normalize()));
        }
        for (JsonNode patch : kustomization.path("patches")) {
            assertThat(patch.propertyNames()).containsExactlyInAnyOrder("target", "patch");
            apply(patch.get("target"), YAML.readTree(patch.get("patch").asString()), objects);
        }
        return objects;
    }

    private static void apply(JsonNode target, JsonNode patch, List<JsonNode> objects) {
        assertThat(target.propertyNames()).containsExactlyInAnyOrder("kind", "name");
        int patched = 0;
        for (int i = 0; i < objects.size(); i++) {
            JsonNode object = objects.get(i);
            if (object.get("kind").equals(target.get("kind"))
                    && object.at("/metadata/name").equals(target.get("name"))) {
                objects.set(i, JsonPatch.apply(patch, object));
                patched++;
            }
        }
        assertThat(patched).as("objects that %s is for", target).isOne();
    }

    /// All documents of a file.
    static List<JsonNode> read(Path file) {
        try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(file)) {
            return documents.readAll();
        }
    }
}
