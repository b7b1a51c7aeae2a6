package io.fairlead.core.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A network namespace without a name: it lives as long as its one thread, and goes with the
/// process whatever happens to it.
///
/// Programs that a task starts are in it. /proc/net is that of the process all the same. Needs
/// root.
public final class Namespace implements AutoCloseable {

    private static final int CLONE_NEWNET = 0x4000_0000; // linux/sched.h

    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("netns").factory());
    private final int threadId;

    public Namespace() {
        threadId = call(Namespace::enterNew);
        exec("ip", "link", "set", "lo", "up");
    }

    /// The number by which `ip link set NAME netns NUMBER` moves a device here.
    public String id() {
        return Integer.toString(threadId);
    }

    /// What a task says that runs in the namespace.
    public <T> T call(Callable<T> task) {
        try {
            return thread.submit(task).get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Error cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What a program prints that ends well.
    public String exec(String... command) {
        return call(() -> run(command));
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(String.join(" ", command) + ": " + output);
        }
        return output;
    }

    /// Runs `ip` once for each line.
    public void ip(String... lines) {
        for (String line : lines) {
            List<String> command = new ArrayList<>(List.of("ip"));
            command.addAll(List.of(line.split(" ", -1)));
            exec(command.toArray(new String[0]));
        }
    }

    /// Sets a kernel parameter: `net/ipv4/ip_forward`.
    public void sysctl(String key, String value) {
        call(() -> java.nio.file.Files.writeString(java.nio.file.Path.of("/proc/sys", key), value));
    }

    @SuppressWarnings("restricted") // the JDK has no other door to these calls
    private static int enterNew() {
        Linker linker = Linker.nativeLinker();
        try {
            MethodHandle unshare =
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("unshare"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            if ((int) unshare.invokeExact(CLONE_NEWNET) != 0) {
                throw new UncheckedIOException(new IOException("unshare needs root"));
            }
            MethodHandle gettid =
                    linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("gettid"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT));
            return (int) gettid.invokeExact();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
