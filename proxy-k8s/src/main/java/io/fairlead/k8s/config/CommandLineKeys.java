package io.fairlead.k8s.config;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The keys that a command line can give, for whoever parses it.
public final class CommandLineKeys {

    /// One option.
    ///
    /// @param names the first is shown; the others are what kube-proxy calls it
    /// @param parameter what stands for the value in the help
    public record Option(
            List<String> names, String parameter, boolean isList, String description) {}

    private static final Map<String, ConfigKey<?>> KEYS =
            ConfigKeys.ALL.stream()
                    .flatMap(k -> k.options().stream().map(name -> Map.entry(name, k)))
                    .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

    private final ConfigLayer layer = new ConfigLayer();

    /// All of them, in the order of the file.
    public static List<Option> options() {
        return ConfigKeys.ALL.stream()
                .filter(k -> !k.options().isEmpty())
                .map(k -> new Option(k.options(), k.parameter(), k.form().isList(), description(k)))
                .toList();
    }

    private static String description(ConfigKey<?> key) {
        return key.description()
                + (key.form().isList() ? " Repeated or with commas." : "")
                + (key.form().words().startsWith("one of ")
                        ? " " + "O" + key.form().words().substring(1) + "."
                        : "")
                + " Default: "
                + key.defaultText()
                + ".";
    }

    /// Takes what an option gives.
    ///
    /// @param name any of its names
    /// @throws IllegalArgumentException when that makes no sense; the message says what does
    public void put(String name, String text) {
        ConfigKey<?> key = KEYS.get(name);
        if (key == null) {
            throw new IllegalArgumentException(name + " is not an option");
        }
        put(key, name, text);
    }

    private <T> void put(ConfigKey<T> key, String name, String text) {
        try {
            layer.put(key, key.form().read(text));
        } catch (ValueForm.WrongValue e) {
            throw new IllegalArgumentException(name + ": " + e.message(), e);
        }
    }

    /// What the options say together.
    ///
    /// @throws IllegalArgumentException when they contradict each other
    public ConfigLayer layer() {
        if (layer.hasTwoSources()) {
            throw new IllegalArgumentException(
                    "--manifests goes without --kubeconfig and --api-server");
        }
        return layer;
    }

    /// What FAIRLEAD_LOG says, if it is a level.
    public static ConfigLayer ofEnvironment(Map<String, String> environment) {
        ConfigLayer layer = new ConfigLayer();
        String level = environment.get("FAIRLEAD_LOG");
        if (level != null) {
            try {
                layer.put(
                        NodeKeys.LOG_LEVEL,
                        NodeKeys.LOG_LEVEL.form().read(level.toLowerCase(java.util.Locale.ROOT)));
            } catch (ValueForm.WrongValue _) {
                // As before there was a file: what is no level changes nothing.
            }
        }
        return layer;
    }
}
