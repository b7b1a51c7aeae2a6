package io.fairlead.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;

/// A named network namespace, and the threads and programs that live in it.
///
/// A socket belongs for ever to the namespace of the thread that made it, wherever it is used
/// later. A thread or process starts in the namespace of the thread that started it.
///
/// Not in it, though asked from inside: virtual threads (their carriers are the process's), tasks
/// given to shared pools, threads that were started before, and whatever an object made earlier,
/// such as the selector of an HttpClient. `java.net.Socket` and `ServerSocket` make their
/// descriptor in `bind` or `connect`, not in the constructor.
///
/// `/proc/net` and `/proc/self/net` show the namespace of the process's first thread;
/// `/proc/thread-self/net` that of the caller. Below `/proc/sys/net` one sees the caller's.
public final class Netns {

    private static final Path FOLDER = Path.of("/run/netns");

    private final String name;
    private final Path file;
    private final ExecutorService threads;

    /// A namespace that exists under this name.
    Netns(String name) {
        this.name = name;
        this.file = FOLDER.resolve(name);
        this.threads = Executors.newCachedThreadPool(threadFactory(name));
    }

    /// The name that `ip netns` knows.
    public String name() {
        return name;
    }

    /// Threads that enter the namespace before they do anything, whoever starts them.
    ///
    /// @param purpose the beginning of their names
    public ThreadFactory threadFactory(String purpose) {
        return task ->
                Thread.ofPlatform()
                        .name(purpose)
                        .daemon()
                        .unstarted(() -> {
                            Setns.enter(file);
                            task.run();
                        });
    }

    /// Runs a task in the namespace and waits for it; what it throws comes out unchanged.
    ///
    /// Tasks may run beside each other, and a task may call this again.
    public <T> T run(Callable<T> task) throws Exception {
        Future<T> result = threads.submit(task);
        try {
            return result.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw e;
        }
    }

    /// Runs a program to its end and returns what it printed.
    ///
    /// @throws IllegalStateException when it ends with another code than 0 or takes a minute
    public String exec(String... command) {
        return Programs.run(inside(List.of(command)));
    }

    /// The same with a text as standard input.
    public String execWithInput(String input, String... command) {
        return Programs.run(inside(List.of(command)), input);
    }

    /// The command that runs another in this namespace, as the same process.
    ///
    /// Unlike `ip netns exec` it leaves the mounts alone: /sys/fs/bpf is there.
    public List<String> inside(List<String> command) {
        List<String> all = new ArrayList<>(List.of("nsenter", "--net=" + file, "--"));
        all.addAll(command);
        return all;
    }

    /// Reads a kernel setting.
    ///
    /// @param key as of sysctl, with slashes: `net/ipv4/ip_forward`
    public String sysctl(String key) {
        return inside(() -> Files.readString(setting(key)).strip());
    }

    /// Changes a kernel setting.
    public void sysctl(String key, String value) {
        inside(() -> Files.writeString(setting(key), value));
    }

    /// Whether this kernel has a setting.
    public boolean hasSysctl(String key) {
        return inside(() -> Files.exists(setting(key)));
    }

    static Path setting(String key) {
        return Path.of("/proc/sys").resolve(key);
    }

    private <T> T inside(Callable<T> task) {
        try {
            return run(task);
        } catch (RuntimeException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException("in " + name, e);
        } catch (Exception e) {
            throw new IllegalStateException("in " + name, e);
        }
    }

    /// Ends the threads that wait for tasks and interrupts those that work on one; waits for none.
    void endThreads() {
        threads.shutdownNow();
    }
}
