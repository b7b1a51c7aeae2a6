package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.fairlead.k8s.cluster.ClusterObject;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.cluster.ProblemList;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Turns the trees of one file into facts, by way of the Kubernetes client's types.
final class ObjectReader {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /// Names go to terminals and logs; the API's own rules are stricter.
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,252}");

    private static final String DEFAULT_NAMESPACE = "default";

    private final String file;
    private final List<ClusterObject> objects = new ArrayList<>();
    private final ProblemList problems = new ProblemList();

    ObjectReader(String file) {
        this.file = file;
    }

    List<ClusterObject> objects() {
        return objects;
    }

    List<Problem> problems() {
        return problems.sorted();
    }

    int size() {
        return objects.size();
    }

    /// Forgets all but the first `size` objects.
    void truncate(int size) {
        objects.subList(size, objects.size()).clear();
    }

    /// Reads one object; kinds that Fairlead does not know are passed over.
    ///
    /// Returns what makes the object look half-written, or null.
    @Nullable String read(ObjectNode tree, String apiVersion, String kind) {
        ObjectKey.Kind known = kind(apiVersion, kind);
        if (known == null) {
            return null;
        }
        JsonNode metadata = tree.path("metadata");
        String name = JsonNodes.text(metadata, "name");
        if (name == null) {
            nameProblem("absent in a " + kind + "; it is ignored, give it a name");
            return "is a " + kind + " without metadata.name";
        }
        String namespace =
                known.isNamespaced() ? namespace(JsonNodes.text(metadata, "namespace")) : "";
        if (NAME.matcher(name).matches() && NAME.matcher("x" + namespace).matches()) {
            read(tree, new ObjectKey(known, new ObjectName(namespace, name)));
        } else {
            nameProblem(
                    "%s in %s is no name for a %s; it is ignored, use letters and digits"
                            .formatted(Problem.quote(name), Problem.quote(namespace), kind));
        }
        return null;
    }

    private static String namespace(@Nullable String written) {
        return written == null || written.isEmpty() ? DEFAULT_NAMESPACE : written;
    }

    private void nameProblem(String message) {
        fileProblem("metadata.name", message);
    }

    /// What can be said of the file alone, as it is no object.
    void fileProblem(String field, String message) {
        problems.add(new Problem("File " + file, field, message));
    }

    /// The kind, or null for one that is passed over.
    private ObjectKey.@Nullable Kind kind(String apiVersion, String kind) {
        ObjectKey.Kind known =
                switch (kind) {
                    case "Service" -> ObjectKey.Kind.SERVICE;
                    case "EndpointSlice" -> ObjectKey.Kind.ENDPOINT_SLICE;
                    case "Node" -> ObjectKey.Kind.NODE;
                    case "ServiceCIDR" -> ObjectKey.Kind.SERVICE_CIDR;
                    default -> null;
                };
        if (known == null || apiVersion.equals(version(known))) {
            return known;
        }
        String expected = version(known);
        String group = expected.substring(0, expected.indexOf('/') + 1);
        if (!group.isEmpty() && apiVersion.startsWith(group)) {
            problems.add(
                    new Problem(
                            "File " + file,
                            "apiVersion",
                            "%s of a %s is not read; it is ignored, use %s"
                                    .formatted(Problem.quote(apiVersion), kind, expected)));
        }
        return null;
    }

    private static String version(ObjectKey.Kind kind) {
        return switch (kind) {
            case SERVICE, NODE -> "v1";
            case ENDPOINT_SLICE -> "discovery.k8s.io/v1";
            case SERVICE_CIDR -> "networking.k8s.io/v1";
        };
    }

    private void read(ObjectNode tree, ObjectKey key) {
        FieldReader reader = new FieldReader(key, problems);
        try {
            ClusterObject object = map(tree, key, reader);
            if (object != null) {
                objects.add(object);
            }
        } catch (JacksonException e) {
            TypeMismatch mismatch = TypeMismatch.of(e, tree);
            reader.problem(mismatch.field(), mismatch.message());
        }
    }

    private static @Nullable ClusterObject map(ObjectNode tree, ObjectKey key, FieldReader reader) {
        ObjectName name = key.name();
        return switch (key.kind()) {
            case SERVICE -> ServiceMapper.map(name, typed(tree, Service.class), reader);
            case ENDPOINT_SLICE -> SliceMapper.map(name, typed(tree, EndpointSlice.class), reader);
            case NODE -> NodeMapper.map(name, typed(tree, Node.class), reader);
            case SERVICE_CIDR -> NodeMapper.map(name, typed(tree, ServiceCIDR.class), reader);
        };
    }

    private static <T extends HasMetadata> T typed(ObjectNode tree, Class<T> type) {
        return MAPPER.treeToValue(tree, type);
    }
}
