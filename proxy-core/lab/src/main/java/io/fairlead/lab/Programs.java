package io.fairlead.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Programs of the system, run to their end and checked.
final class Programs {

    /// Only a program that hangs takes so long.
    private static final int LIMIT_SECONDS = 60;

    private Programs() {}

    /// Its standard output.
    ///
    /// @throws IllegalStateException when it ends with another code than 0 or does not end; the
    ///   message has the command and what it said
    static String run(List<String> command) {
        return run(command, "");
    }

    /// The same with a text as standard input.
    static String run(List<String> command, String input) {
        // Files rather than pipes: no threads, and a grandchild that stays cannot hold up the end.
        Path in = file();
        Path out = file();
        Path err = file();
        try {
            Files.writeString(in, input);
            Process process =
                    new ProcessBuilder(command)
                            .redirectInput(in.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile())
                            .start();
            boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            if (!ended || process.exitValue() != 0) {
                throw new IllegalStateException(
                        failure(command, input, ended ? process.exitValue() : -1, out, err));
            }
            return Files.readString(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in " + command, e);
        } finally {
            delete(in);
            delete(out);
            delete(err);
        }
    }

    private static String failure(List<String> command, String input, int code, Path out, Path err)
            throws IOException {
        String end = code < 0 ? "did not end" : "ended with " + code;
        return String.join(" ", command)
                + " "
                + end
                + ": "
                + Files.readString(err)
                + Files.readString(out)
                + (input.isEmpty() ? "" : "\nwith the input\n" + input);
    }

    private static Path file() {
        try {
            return Files.createTempFile("fairlead-lab-", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
