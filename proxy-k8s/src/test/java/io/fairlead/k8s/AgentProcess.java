package io.fairlead.k8s;

import io.fairlead.lab.Host;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The `fairlead` program in a process of its own, for what only a process can show.
public final class AgentProcess implements AutoCloseable {

    /// Generous: a machine that tests in parallel is slow, and nothing here is about speed.
    private static final int PATIENCE_SECONDS = 180;

    private final Process process;
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> seen = new ArrayList<>();
    private final Thread reader;

    private AgentProcess(Process process) {
        this.process = process;
        this.reader = Thread.ofVirtual().start(this::read);
    }

    /// Runs `fairlead` with these arguments, from the classes under test.
    public static AgentProcess start(Object... arguments) throws IOException {
        return start(command(arguments));
    }

    /// The same under another program, which takes something away from it.
    ///
    /// @param under that program and its arguments
    public static AgentProcess startUnder(List<String> under, Object... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(under);
        command.addAll(command(arguments));
        return start(command);
    }

    /// Runs `fairlead agent` on a node of the lab, under that node's name.
    ///
    /// @param arguments beyond those that name the node, the manifests and the run directory
    public static AgentProcess startOn(Host node, Path manifests, Path runDir, Object... arguments)
            throws IOException {
        return startOn(List.of(), node, manifests, runDir, arguments);
    }

    /// The same under another program, which takes something away from it.
    ///
    /// @param under that program and its arguments
    public static AgentProcess startOn(
            List<String> under, Host node, Path manifests, Path runDir, Object... arguments)
            throws IOException {
        List<Object> all =
                new ArrayList<>(
                        List.of(
                                "agent",
                                "--manifests",
                                manifests,
                                "--node-name",
                                node.name(),
                                "--run-dir",
                                runDir));
        all.addAll(List.of(arguments));
        // The namespace has ports of its own: health and metrics are where they are on a node.
        List<String> command = new ArrayList<>(under);
        command.addAll(command(all.toArray()));
        return start(node.netns().inside(command));
    }

    /// Runs `fairlead` with these arguments on a host of the lab.
    public static AgentProcess runOn(Host host, Object... arguments) throws IOException {
        return start(host.netns().inside(command(arguments)));
    }

    /// Runs a program that is `fairlead` in another form.
    ///
    /// @param command the whole of it
    static AgentProcess startProgram(List<String> command) throws IOException {
        return start(command);
    }

    private static AgentProcess start(List<String> command) throws IOException {
        return new AgentProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    private static List<String> command(Object... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@" + Path.of("src/main/jvm/jvm.args").toAbsolutePath());
        command.add("-ea");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add("io.fairlead.k8s.cli.Main");
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    private void read() {
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
            }
        } catch (IOException _) {
            // The process was killed.
        }
    }

    /// The first line of its output that passes, from where the last call left off.
    ///
    /// @throws AssertionError when it ends or takes a minute without such a line
    public String awaitLine(Predicate<String> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() < deadline && (process.isAlive() || !lines.isEmpty())) {
            @Nullable String line = lines.poll(100, TimeUnit.MILLISECONDS);
            if (line != null) {
                seen.add(line);
                if (wanted.test(line)) {
                    return line;
                }
            }
        }
        throw new AssertionError("no such line; the output was " + seen);
    }

    /// Waits until it serves.
    public AgentProcess awaitServing() throws InterruptedException {
        // Others serve as well, and may be named before.
        awaitLine(line -> line.contains("Agent: node ") && line.contains(" serves "));
        return this;
    }

    /// SIGTERM.
    public void terminate() {
        // By its handle: the process itself would stop reading what is said at the end.
        process.toHandle().destroy();
    }

    /// SIGKILL: nothing of its own runs any more.
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /// Its exit code, once it has ended by itself.
    public int exitCode() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("still runs; the output was " + output());
        }
        return process.exitValue();
    }

    /// All lines so far; after [#exitCode], all there are.
    public List<String> output() throws InterruptedException {
        if (!process.isAlive()) {
            reader.join();
        }
        lines.drainTo(seen);
        return List.copyOf(seen);
    }

    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        // The fixture ends its own process, whatever the test came to.
        process.destroyForcibly().onExit().join();
    }
}
