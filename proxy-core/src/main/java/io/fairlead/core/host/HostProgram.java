package io.fairlead.core.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// A program of the node that is run to its end: found once, never through a shell, within bounds
/// of time and output.
///
/// It runs in the network namespace of the calling thread, which it holds up: control thread only.
public final class HostProgram {

    /// Root may have a PATH without the folders of its own programs.
    private static final List<String> SYSTEM_FOLDERS =
            List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin");

    /// 10,000 routes take 0.3 s on two slow cores.
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /// 10,000 routes print as 0.6 MiB, the left-over rules of a kube-proxy of that size as 20.
    private static final int MAX_OUTPUT = 64 << 20;

    private final String name;
    private final String debianPackage;
    private final List<Path> folders;
    private final Duration timeout;
    private final int maxOutput;

    /// What a program printed, and its exit code.
    record Output(int exitCode, String out, String err) {

        boolean ok() {
            return exitCode == 0;
        }

        /// The first line that it complained with, else its exit code.
        String complaint() {
            return err.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .findFirst()
                    .orElse("exit code " + exitCode);
        }
    }

    HostProgram(
            String name,
            String debianPackage,
            List<Path> folders,
            Duration timeout,
            int maxOutput) {
        this.name = name;
        this.debianPackage = debianPackage;
        this.folders = List.copyOf(folders);
        this.timeout = timeout;
        this.maxOutput = maxOutput;
    }

    /// `ip` of iproute2.
    public static HostProgram ip() {
        return of("ip", "iproute2");
    }

    /// `nft` of nftables.
    public static HostProgram nft() {
        return of("nft", "nftables");
    }

    static HostProgram of(String name, String debianPackage) {
        return new HostProgram(
                name, debianPackage, searchPath(System.getenv("PATH")), TIMEOUT, MAX_OUTPUT);
    }

    private static List<Path> searchPath(@org.jspecify.annotations.Nullable String path) {
        Set<String> all = new LinkedHashSet<>();
        if (path != null) {
            all.addAll(List.of(path.split(":", -1)));
        }
        all.addAll(SYSTEM_FOLDERS);
        // A relative entry would run what lies in the folder that we were started in.
        return all.stream().filter(folder -> folder.startsWith("/")).map(Path::of).toList();
    }

    String name() {
        return name;
    }

    /// Where it is; empty when this node does not have it.
    Optional<Path> find() {
        return folders.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /// What to do where this node does not have it; empty where it does.
    public Optional<String> missing() {
        return find().isPresent()
                ? Optional.empty()
                : Optional.of("the program " + name + " (package " + debianPackage + ")");
    }

    /// Runs it with a text as its standard input.
    ///
    /// @throws HostException when it is missing, takes too long or prints too much; another exit
    ///   code than 0 is an answer
    Output run(String input, List<String> arguments) throws HostException {
        List<String> command = new ArrayList<>();
        command.add(
                find().orElseThrow(() ->
                                new HostException(
                                        "the program "
                                                + name
                                                + " is not installed; install the package "
                                                + debianPackage))
                        .toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C"); // complaints are compared and shown
        try {
            return await(builder.start(), input);
        } catch (InterruptedIOException e) {
            Thread.currentThread().interrupt();
            throw new HostException(name + " was interrupted", e);
        } catch (IOException e) {
            throw new HostException(name + ": " + e.getMessage(), e);
        }
    }

    /// The same, where any other exit code than 0 is a failure.
    String require(String input, String... arguments) throws HostException {
        Output output = run(input, List.of(arguments));
        if (!output.ok()) {
            throw new HostException(
                    name + " " + String.join(" ", arguments) + ": " + output.complaint());
        }
        return output.out();
    }

    private Output await(Process process, String input) throws IOException, HostException {
        Reader out = new Reader(process.getInputStream(), maxOutput);
        Reader err = new Reader(process.getErrorStream(), maxOutput);
        // Platform threads: the carrier of a virtual one, if it started here, would stay in this
        // thread's namespace for ever.
        List<Thread> pumps =
                List.of(
                        start("out", out),
                        start("err", err),
                        start("in", () -> write(process.getOutputStream(), input)));
        try {
            if (!process.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new HostException(
                        name + " did not end within " + timeout.toMillis() + " ms and was killed");
            }
            for (Thread pump : pumps) {
                pump.join(timeout);
            }
        } catch (InterruptedException _) {
            throw new InterruptedIOException();
        } finally {
            process.destroyForcibly();
        }
        if (out.overflow || err.overflow) {
            throw new HostException(name + " printed more than " + maxOutput + " bytes");
        }
        return new Output(process.exitValue(), out.text(), err.text());
    }

    private Thread start(String stream, Runnable task) {
        return Thread.ofPlatform().daemon().name("fairlead-" + name + "-" + stream).start(task);
    }

    private static void write(OutputStream stream, String input) {
        try (stream) {
            stream.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException _) {
            // It ended without reading all; its exit code says why.
        }
    }

    /// Reads a stream to its end and keeps the beginning.
    ///
    /// Written by its thread, read after that has been joined.
    private static final class Reader implements Runnable {

        private final InputStream stream;
        private final int limit;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean overflow;

        Reader(InputStream stream, int limit) {
            this.stream = stream;
            this.limit = limit;
        }

        @Override
        public void run() {
            byte[] buffer = new byte[1 << 16];
            try (stream) {
                for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                    int room = Math.min(n, limit - bytes.size());
                    bytes.write(buffer, 0, room);
                    overflow |= room < n;
                }
            } catch (IOException _) {
                // Killed; the caller knows.
            }
        }

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }
}
