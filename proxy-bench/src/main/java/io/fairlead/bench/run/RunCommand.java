package io.fairlead.bench.run;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// `proxy-bench run`.
public final class RunCommand {

    private static final int ROUNDS = 5;
    private static final Duration TIME = Duration.ofSeconds(4);
    private static final int MANY = 10_000;

    private RunCommand() {}

    /// Runs what the words ask for: nothing for all of it, `--quick` for a short look.
    ///
    /// @throws IllegalArgumentException for other words
    public static void run(List<String> words, PrintStream out) throws Exception {
        boolean quick = words.contains("--quick");
        if (words.size() > (quick ? 1 : 0)) {
            throw new IllegalArgumentException("proxy-bench run [--quick]");
        }
        Path work = Files.createTempDirectory("proxy-bench");
        try {
            new ConnectScenario(
                            quick ? 2 : ROUNDS,
                            quick ? Duration.ofSeconds(1) : TIME,
                            MANY,
                            System.nanoTime(),
                            out)
                    .run(work);
        } catch (IllegalStateException e) {
            Path log = work.resolve("agent.log");
            if (Files.exists(log)) {
                out.println(Files.readString(log));
            }
            throw e;
        } finally {
            delete(work);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(RunCommand::deleteOne);
        }
    }

    private static void deleteOne(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
