package io.fairlead.bench.peer;

import io.fairlead.lab.Host;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Programs on the PATH, and processes of them.
final class Programs {

    private Programs() {}

    /// The program's file; null where the PATH has none.
    static @Nullable Path find(String program) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.of((path + ":/usr/sbin").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    /// What a program prints, whole.
    static String output(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return said.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// The first word of what a program prints that begins with a digit.
    static String version(String... command) {
        return Stream.of(output(command).split("[\\s/]+", -1))
                .filter(word -> !word.isEmpty() && Character.isDigit(word.charAt(0)))
                .findFirst()
                .orElse("");
    }

    /// A program on a host; what it prints goes to a file.
    static Process start(Host host, List<String> command, Path log) throws IOException {
        return new ProcessBuilder(host.netns().inside(command))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                process.waitFor();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /// The end of a file, "" where there is none.
    static String tail(Path file) {
        try {
            String text = Files.exists(file) ? Files.readString(file).strip() : "";
            return text.substring(Math.max(0, text.length() - 4_000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A process that leads to one address.
    static Peer.Running running(Process process, String address, Path log) {
        return new Peer.Running() {
            @Override
            public String address(int service) {
                return address;
            }

            @Override
            public ProcessHandle process() {
                return process.toHandle();
            }

            @Override
            public String log() {
                return tail(log);
            }

            @Override
            public void close() {
                end(process);
            }
        };
    }
}
