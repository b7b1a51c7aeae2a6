package io.fairlead.k8s.cli;

import io.fairlead.k8s.config.CommandLineKeys;
import java.util.List;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The options of a command that are keys of the configuration too.
final class KeyOptions implements IModelTransformer {

    /// For picocli.
    KeyOptions() {}

    @Override
    public CommandSpec transform(CommandSpec spec) {
        for (CommandLineKeys.Option option : CommandLineKeys.options()) {
            List<String> names = option.names();
            add(spec, option, names.getFirst(), false);
            // Known to those who come from kube-proxy; of no use to others.
            names.stream().skip(1).forEach(alias -> add(spec, option, alias, true));
        }
        return spec;
    }

    private static void add(
            CommandSpec spec, CommandLineKeys.Option option, String name, boolean hidden) {
        spec.addOption(
                OptionSpec.builder(name)
                        .paramLabel(option.parameter())
                        .description(option.description())
                        .hidden(hidden)
                        .arity("1")
                        .type(option.isList() ? List.class : String.class)
                        .auxiliaryTypes(String.class)
                        .build());
    }

    /// Hands on what was given.
    ///
    /// @throws IllegalArgumentException when that makes no sense; the message says what does
    static void read(CommandSpec spec, CommandLineKeys keys) {
        for (CommandLineKeys.Option option : CommandLineKeys.options()) {
            for (String name : option.names().reversed()) {
                Object value = spec.findOption(name).getValue();
                if (value instanceof List<?> list) {
                    keys.put(name, String.join(",", list.stream().map(String::valueOf).toList()));
                } else if (value != null) {
                    keys.put(name, value.toString());
                }
            }
        }
    }
}
