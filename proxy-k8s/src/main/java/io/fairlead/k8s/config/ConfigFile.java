package io.fairlead.k8s.config;

import io.fairlead.k8s.FailedIo;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.watch.BrokenFileException;
import io.fairlead.k8s.watch.Document;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What a configuration file says.
///
/// @param warnings what of it is passed over
record ConfigFile(ConfigLayer layer, List<Problem> warnings) {

    static byte[] bytes(Path file) throws ConfigException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException _) {
            throw broken(file, "no such configuration; give --config another file");
        } catch (IOException e) {
            throw broken(
                    file,
                    "cannot be read (%s); make it readable, or give --config another"
                            .formatted(FailedIo.reason(e)));
        }
    }

    /// @throws ConfigException when anything in it is wrong
    static ConfigFile parse(Path file, byte[] bytes) throws ConfigException {
        Document document;
        try {
            document = Document.read(file.toString(), bytes);
        } catch (BrokenFileException e) {
            throw broken(file, e.place().isEmpty() ? e.message() : e.place() + ": " + e.message());
        }
        FileProblems problems = new FileProblems(file.toString(), document);
        ConfigLayer layer = layer(document, problems);
        return new ConfigFile(layer, problems.warnings());
    }

    private static ConfigLayer layer(Document document, FileProblems problems) {
        String version = text(document, "apiVersion");
        String kind = text(document, "kind");
        if (ConfigKeys.API_VERSION.equals(version) && ConfigKeys.KIND.equals(kind)) {
            return FairleadFile.read(document, problems);
        }
        if (KubeProxyFile.API_VERSION.equals(version) && KubeProxyFile.KIND.equals(kind)) {
            return KubeProxyFile.read(document, problems);
        }
        problems.error("kind", FairleadFile.strange(version, kind));
        return new ConfigLayer();
    }

    private static @Nullable String text(Document document, String field) {
        JsonNode value = document.root().get(field);
        return value == null ? null : value.asString(value.toString());
    }

    private static ConfigException broken(Path file, String message) {
        return new ConfigException(List.of(new Problem(file.toString(), "", message)));
    }
}
