package io.fairlead.core.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The descriptors that this process may have (getrlimit(2), RLIMIT_NOFILE).
public final class Descriptors {

    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String LINE = "Max open files";

    /// Where the kernel does not say, its own default for a process.
    private static final long DEFAULT = 1_024;

    private Descriptors() {}

    /// How many it may have at once.
    public static long most() {
        try {
            return Files.readAllLines(LIMITS).stream()
                    .filter(line -> line.startsWith(LINE))
                    .map(line -> line.substring(LINE.length()).strip().split(" +", 2)[0])
                    .mapToLong(soft ->
                            soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft))
                    .findFirst()
                    .orElse(DEFAULT);
        } catch (IOException | NumberFormatException _) {
            return DEFAULT;
        }
    }
}
