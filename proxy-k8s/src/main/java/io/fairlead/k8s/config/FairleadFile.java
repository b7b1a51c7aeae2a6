package io.fairlead.k8s.config;

import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.watch.Document;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads a file of kind FairleadConfiguration: strictly, since a key that is passed over is a wish
/// that is not fulfilled.
final class FairleadFile implements Sections.Visitor {

    private static final Map<String, ConfigKey<?>> KEYS =
            ConfigKeys.ALL.stream()
                    .collect(Collectors.toUnmodifiableMap(ConfigKey::path, Function.identity()));

    private static final Sections SECTIONS = new Sections(KEYS.keySet());

    private final FileProblems problems;
    private final ConfigLayer layer = new ConfigLayer();

    private FairleadFile(FileProblems problems) {
        this.problems = problems;
    }

    static ConfigLayer read(Document document, FileProblems problems) {
        FairleadFile file = new FairleadFile(problems);
        for (String path : document.duplicates()) {
            problems.error(path, "stands twice; remove one");
        }
        SECTIONS.visit(document.root(), file);
        if (file.layer.hasTwoSources()) {
            problems.error(
                    SourceKeys.MANIFESTS.path(),
                    "goes without source.kubeconfig and source.apiServers; remove one or the"
                            + " others");
        }
        return file.layer;
    }

    @Override
    public void value(String path, JsonNode value) {
        ConfigKey<?> key = KEYS.get(path);
        if (key != null) {
            put(key, value);
        }
    }

    private <T> void put(ConfigKey<T> key, JsonNode value) {
        try {
            layer.put(key, key.form().read(value));
        } catch (ValueForm.WrongValue e) {
            problems.error(
                    key.path(),
                    e.message() + "; correct it, or leave it out for " + key.defaultText());
        }
    }

    @Override
    public void unknown(String path, @Nullable String similar) {
        problems.error(
                path,
                similar == null
                        ? "is not a key; remove it, or see docs/configuration.md for those there"
                                + " are"
                        : "is not a key; remove it, or write " + similar + " if that is meant");
    }

    @Override
    public void notSection(String path) {
        problems.error(path, "is a section; write keys under it, or remove it");
    }

    /// A kind or version that is another's.
    static String strange(@Nullable String version, @Nullable String kind) {
        return "apiVersion "
                + Problem.quote(String.valueOf(version))
                + " and kind "
                + Problem.quote(String.valueOf(kind))
                + " are not known; write "
                + ConfigKeys.API_VERSION
                + " and "
                + ConfigKeys.KIND
                + ", or "
                + KubeProxyFile.API_VERSION
                + " and "
                + KubeProxyFile.KIND;
    }
}
