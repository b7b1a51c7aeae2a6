package io.fairlead.core.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// System calls of a thread of this process, counted by strace.
public final class SystemCalls {

    /// What is counted.
    @FunctionalInterface
    public interface Action {
        void run() throws IOException;
    }

    private SystemCalls() {}

    /// How often the thread called what while something was done.
    ///
    /// @param name how its name begins; the youngest of that name
    public static Map<String, Integer> ofThread(String name, Action action)
            throws IOException, InterruptedException {
        Path summary = Files.createTempFile("calls", ".txt");
        Process strace =
                new ProcessBuilder(
                                "strace",
                                "-c",
                                "-U",
                                "name,calls",
                                "-o",
                                summary.toString(),
                                "-p",
                                Long.toString(thread(name)))
                        .redirectErrorStream(true)
                        .start();
        try (BufferedReader out = strace.inputReader(UTF_8)) {
            assertThat(out.readLine()).contains("attached");
            action.run();
        } finally {
            strace.destroy();
            strace.waitFor();
        }
        try {
            return parse(summary);
        } finally {
            Files.delete(summary);
        }
    }

    private static Map<String, Integer> parse(Path summary) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        for (String line : Files.readAllLines(summary)) {
            String[] fields = line.strip().split("\\s+", -1);
            if (fields.length == 2
                    && fields[1].chars().allMatch(Character::isDigit)
                    && !fields[0].equals("total")) {
                counts.put(fields[0], Integer.valueOf(fields[1]));
            }
        }
        return counts;
    }

    private static long thread(String name) throws IOException {
        long found = -1;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                if (Files.readString(task.resolve("comm")).startsWith(name)) {
                    found = Math.max(found, Long.parseLong(task.getFileName().toString()));
                }
            }
        }
        assertThat(found).as("thread " + name).isPositive();
        return found;
    }
}
