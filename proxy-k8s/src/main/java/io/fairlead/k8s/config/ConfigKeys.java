package io.fairlead.k8s.config;

import io.fairlead.k8s.AgentOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// All that an operator can set, section by section; a further key is a further entry in the list
/// of its section.
///
/// Keys without a section come first, and those of a section are together, as files show them. The
/// reference in docs/configuration.md, `--help`, `/configz` and `--write-config-to` follow from
/// this list.
public final class ConfigKeys {

    /// As in manifests of Kubernetes, which kind of file this is.
    static final String API_VERSION = "fairlead.io/v1alpha1";

    static final String KIND = "FairleadConfiguration";

    static final List<ConfigKey<?>> ALL =
            Stream.of(
                            NodeKeys.ALL,
                            SourceKeys.ALL,
                            CaptureKeys.ALL,
                            StatusKeys.ALL,
                            SyncKeys.ALL,
                            AccessLogKeys.ALL,
                            UdpKeys.ALL,
                            FlowKeys.ALL,
                            ConnectKeys.ALL)
                    .<ConfigKey<?>>flatMap(List::stream)
                    .toList();

    private ConfigKeys() {}

    /// What options come to, as a file would say it: whole, and by sections.
    public static Map<String, Object> describe(AgentOptions options) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("apiVersion", API_VERSION);
        all.put("kind", KIND);
        for (ConfigKey<?> key : ALL) {
            section(all, key).put(leaf(key), key.shown(options));
        }
        return all;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> section(
            Map<String, @Nullable Object> all, ConfigKey<?> key) {
        int dot = key.path().indexOf('.');
        return dot < 0
                ? all
                : (Map<String, @Nullable Object>)
                        all.computeIfAbsent(
                                key.path().substring(0, dot), _ -> new LinkedHashMap<>());
    }

    /// The last name of a key's path.
    static String leaf(ConfigKey<?> key) {
        return key.path().substring(key.path().lastIndexOf('.') + 1);
    }
}
