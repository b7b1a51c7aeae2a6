package io.fairlead.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The namespaces that labs of this machine have made: their names say whose they are.
///
/// `fl-PID-LAB-HOST`: the process that made it, the number of the lab in that process, the host.
final class Namespaces {

    private static final Path FOLDER = Path.of("/run/netns");
    private static final Pattern NAME = Pattern.compile("fl-([0-9]+)-[0-9]+-[a-z0-9]+");

    /// The JDK's thread that waits for a program; made by who started one, kept for a minute, and
    /// without a socket.
    private static final String REAPER = "process reaper";

    private static final AtomicInteger LABS = new AtomicInteger();

    private Namespaces() {}

    /// What the names of a new lab begin with.
    static String newPrefix() {
        return "fl-" + ProcessHandle.current().pid() + "-" + LABS.incrementAndGet() + "-";
    }

    static void add(Collection<String> names) {
        batch("add", names);
    }

    /// Removes namespaces and all programs in them; links go with their namespace.
    static void delete(Collection<String> names) {
        if (names.isEmpty()) {
            return;
        }
        endPrograms(names);
        batch("del", names);
    }

    /// Removes what labs left whose process was killed.
    static void deleteStale() {
        List<String> stale =
                existing().stream()
                        .filter(name -> !Files.exists(Path.of("/proc", pid(name))))
                        .toList();
        endPrograms(stale);
        for (String name : stale) {
            try {
                batch("del", List.of(name));
            } catch (IllegalStateException e) {
                // Another test run may have removed it at the same moment.
                if (Files.exists(FOLDER.resolve(name))) {
                    throw e;
                }
            }
        }
    }

    private static String pid(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(name);
        }
        return matcher.group(1);
    }

    /// All namespaces of labs, of this process and of others.
    static List<String> existing() {
        return entries(FOLDER).stream().filter(name -> NAME.matcher(name).matches()).toList();
    }

    /// Threads of this process in these namespaces, as `NAMESPACE: THREAD`.
    static List<String> threadsIn(Collection<String> names) {
        List<String> found = new ArrayList<>();
        for (String name : names) {
            Set<String> inode = inodes(List.of(name));
            for (String thread : entries(Path.of("/proc/self/task"))) {
                Path task = Path.of("/proc/self/task", thread);
                if (inode.contains(namespaceOf(task))
                        && !read(task.resolve("comm")).equals(REAPER)) {
                    found.add(name + ": " + read(task.resolve("comm")));
                }
            }
        }
        return found;
    }

    private static void endPrograms(Collection<String> names) {
        Set<String> inodes = inodes(names);
        List<ProcessHandle> ended = new ArrayList<>();
        for (String pid : entries(Path.of("/proc"))) {
            if (pid.chars().allMatch(Character::isDigit)
                    && inodes.contains(namespaceOf(Path.of("/proc", pid)))) {
                ProcessHandle.of(Long.parseLong(pid)).ifPresent(ended::add);
            }
        }
        ended.forEach(ProcessHandle::destroyForcibly);
        ended.forEach(process -> process.onExit().join());
    }

    private static Set<String> inodes(Collection<String> names) {
        Set<String> inodes = new HashSet<>();
        for (String name : names) {
            try {
                inodes.add("net:[" + Files.getAttribute(FOLDER.resolve(name), "unix:ino") + "]");
            } catch (NoSuchFileException _) {
                // Gone already.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return inodes;
    }

    /// The namespace of a process or thread, null where it has ended.
    private static @Nullable String namespaceOf(Path task) {
        try {
            return Files.readSymbolicLink(task.resolve("ns/net")).toString();
        } catch (IOException _) {
            return null;
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException _) {
            return "ended";
        }
    }

    private static List<String> entries(Path folder) {
        List<String> names = new ArrayList<>();
        if (!Files.exists(folder)) {
            return names;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            all.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }

    private static void batch(String verb, Collection<String> names) {
        String lines =
                names.stream()
                        .map(name -> "netns " + verb + " " + name + "\n")
                        .collect(Collectors.joining());
        Programs.run(List.of("ip", "-batch", "-"), lines);
    }
}
