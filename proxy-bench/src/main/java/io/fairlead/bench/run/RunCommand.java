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

    private static final String CONNECT = "connect";
    private static final String UDP = "udp";

    private RunCommand() {}

    /// Runs what the words ask for: nothing for all of it, names of scenarios for these, `--quick`
    /// for a short look.
    ///
    /// @throws IllegalArgumentException for other words
    public static void run(List<String> words, PrintStream out) throws Exception {
        boolean quick = words.contains("--quick");
        List<String> names = words.stream().filter(w -> !w.equals("--quick")).toList();
        if (!List.of(CONNECT, UDP).containsAll(names)) {
            throw new IllegalArgumentException("proxy-bench run [--quick] [connect] [udp]");
        }
        if (names.isEmpty() || names.contains(CONNECT)) {
            inFolder(
                    out,
                    work ->
                            new ConnectScenario(
                                            quick ? 2 : ROUNDS,
                                            quick ? Duration.ofSeconds(1) : TIME,
                                            MANY,
                                            System.nanoTime(),
                                            out)
                                    .run(work));
        }
        if (names.isEmpty() || names.contains(UDP)) {
            inFolder(
                    out,
                    work ->
                            new UdpScenario(
                                            quick ? 2 : ROUNDS,
                                            quick ? Duration.ofSeconds(1) : TIME,
                                            System.nanoTime(),
                                            out)
                                    .run(work));
        }
    }

    /// A scenario.
    private interface Measured {
        void run(Path work) throws Exception;
    }

    private static void inFolder(PrintStream out, Measured scenario) throws Exception {
        Path work = Files.createTempDirectory("proxy-bench");
        try {
            scenario.run(work);
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
