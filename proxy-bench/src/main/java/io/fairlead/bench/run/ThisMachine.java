package io.fairlead.bench.run;

import io.fairlead.bench.report.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The machine that a run is made on, as it tells itself.
final class ThisMachine {

    private static final Path OS = Path.of("/etc/os-release");

    private ThisMachine() {}

    static Run.Machine describe(String load, double stolen) throws IOException {
        return new Run.Machine(
                value(Path.of("/proc/cpuinfo"), "model name", ":"),
                Runtime.getRuntime().availableProcessors(),
                memoryMib(),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                Files.exists(OS) ? value(OS, "PRETTY_NAME", "=").replace("\"", "") : "",
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                load,
                stolen);
    }

    private static long memoryMib() throws IOException {
        String kib = value(Path.of("/proc/meminfo"), "MemTotal", ":").replaceAll("[^0-9]", "");
        return Long.parseLong(kib) / 1024;
    }

    /// What follows a key in the first line that begins with it; "" where none does.
    private static String value(Path file, String key, String separator) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(separator) + 1).strip())
                    .findFirst()
                    .orElse("");
        }
    }
}
