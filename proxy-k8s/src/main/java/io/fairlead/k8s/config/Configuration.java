package io.fairlead.k8s.config;

import io.fairlead.k8s.AgentOptions;
import io.fairlead.k8s.cluster.Problem;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All that was said to an agent: the defaults, a file above them, and above it what the command
/// line and the environment say.
public final class Configuration {

    private final @Nullable Path file;
    private final List<ConfigLayer> above;
    private final byte[] bytes;
    private final List<Problem> warnings;
    private final AgentOptions options;

    private Configuration(@Nullable Path file, byte[] bytes, List<ConfigLayer> above)
            throws ConfigException {
        ConfigFile said =
                file == null
                        ? new ConfigFile(new ConfigLayer(), List.of())
                        : ConfigFile.parse(file, bytes);
        this.file = file;
        this.bytes = bytes;
        this.above = List.copyOf(above);
        this.warnings = said.warnings();
        this.options = options(file, said.layer(), above);
    }

    private static AgentOptions options(
            @Nullable Path file, ConfigLayer said, List<ConfigLayer> above) throws ConfigException {
        try {
            return AgentOptions.DEFAULT.with(draft -> {
                said.apply(draft);
                above.forEach(layer -> layer.apply(draft));
            });
        } catch (IllegalArgumentException e) {
            // Each value is right by itself.
            throw new ConfigException(
                    List.of(
                            new Problem(
                                    file == null ? "options" : file.toString(),
                                    "",
                                    e.getMessage() + "; change one of them")));
        }
    }

    /// Reads the file, where there is one.
    ///
    /// @param above what stands above it, the highest last
    /// @throws ConfigException when anything in the file is wrong
    public static Configuration load(@Nullable Path file, List<ConfigLayer> above)
            throws ConfigException {
        return new Configuration(file, file == null ? new byte[0] : ConfigFile.bytes(file), above);
    }

    /// The same with what the file says now.
    Configuration reread(byte[] now) throws ConfigException {
        return new Configuration(file, now, above);
    }

    public AgentOptions options() {
        return options;
    }

    /// What of the file is passed over.
    public List<Problem> warnings() {
        return warnings;
    }

    @Nullable Path file() {
        return file;
    }

    byte[] bytes() {
        return bytes.clone();
    }
}
