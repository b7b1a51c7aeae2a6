package io.fairlead.k8s.config;

import io.fairlead.k8s.AgentOptions;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One thing that an operator can set: its key in the file, its option on the command line, and the
/// place among the agent's options.
///
/// Its default is what [AgentOptions#DEFAULT] has there. Immutable but for the `with`-like methods,
/// which only the list of keys calls.
final class ConfigKey<T> {

    private final String path;
    private final ValueForm<T> form;
    private final Function<AgentOptions, @Nullable T> get;
    private final BiConsumer<AgentOptions.Draft, T> set;
    private String description = "";
    private @Nullable String otherwise;
    private boolean live;
    private List<String> options = List.of();
    private String parameter = "";

    private ConfigKey(
            String path,
            ValueForm<T> form,
            Function<AgentOptions, @Nullable T> get,
            BiConsumer<AgentOptions.Draft, T> set) {
        this.path = path;
        this.form = form;
        this.get = get;
        this.set = set;
    }

    static <T> ConfigKey<T> key(
            String path,
            ValueForm<T> form,
            Function<AgentOptions, @Nullable T> get,
            BiConsumer<AgentOptions.Draft, T> set) {
        return new ConfigKey<>(path, form, get, set);
    }

    /// What it is, in sentences.
    ConfigKey<T> says(String text) {
        description = text;
        return this;
    }

    /// What holds where nothing is said, for a default that depends on the machine, or is none.
    ConfigKey<T> otherwise(String text) {
        otherwise = text;
        return this;
    }

    /// A running agent takes a change.
    ConfigKey<T> live() {
        live = true;
        return this;
    }

    /// Its option on the command line; further names of the same stay out of the help.
    ConfigKey<T> option(String parameterName, String... names) {
        parameter = parameterName;
        options = List.of(names);
        return this;
    }

    /// Such as `sync.minInterval`.
    String path() {
        return path;
    }

    ValueForm<T> form() {
        return form;
    }

    String description() {
        return description;
    }

    boolean isLive() {
        return live;
    }

    List<String> options() {
        return options;
    }

    String parameter() {
        return parameter;
    }

    /// Whether the default is in need of words.
    boolean isDefaultInWords() {
        return otherwise != null;
    }

    /// The default, for people.
    String defaultText() {
        return otherwise == null ? String.valueOf(shown(AgentOptions.DEFAULT)) : otherwise;
    }

    /// The value that options have, as a file has it; null for none.
    @Nullable Object shown(AgentOptions options) {
        return form.show(get.apply(options));
    }

    void set(AgentOptions.Draft draft, T value) {
        set.accept(draft, value);
    }

    /// Whether two sets of options have another value here.
    boolean differs(AgentOptions one, AgentOptions other) {
        return !Objects.equals(get.apply(one), get.apply(other));
    }

    /// Takes the value that other options have.
    void copy(AgentOptions from, AgentOptions.Draft to) {
        T value = get.apply(from);
        if (value != null) {
            set.accept(to, value);
        }
    }

    @Override
    public String toString() {
        return path;
    }
}
