package io.fairlead.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Scanner;
import java.util.stream.Stream;

/// What processes and the machine have used, from proc(5).
public final class Usage {

    private static final double TICKS_PER_SECOND = 100; // USER_HZ

    // Fields of /proc/PID/stat after the command.
    private static final int USER_TIME = 11;
    private static final int SYSTEM_TIME = 12;

    // Of the first line of /proc/stat, after its name: all but these two is work.
    private static final int IDLE = 3;
    private static final int IO_WAIT = 4;
    private static final int STOLEN = 7;
    private static final int WORDS = 8;

    private Usage() {}

    /// The CPU time of a process and of those it has begun so far, in seconds.
    public static double cpuSeconds(ProcessHandle process) {
        return withChildren(process)
                .mapToDouble(each -> ticks(each.pid()) / TICKS_PER_SECOND)
                .sum();
    }

    private static Stream<ProcessHandle> withChildren(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants());
    }

    private static long ticks(long pid) {
        String stat = read(Path.of("/proc", Long.toString(pid), "stat"));
        if (stat.isEmpty()) {
            return 0;
        }
        List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        return Long.parseLong(fields.get(USER_TIME)) + Long.parseLong(fields.get(SYSTEM_TIME));
    }

    /// The work of all CPUs of the machine since its start, in seconds: user, system, interrupts.
    public static double machineSeconds() {
        return work(false);
    }

    /// What the host of a virtual machine kept for others meanwhile.
    public static double stolenSeconds() {
        return work(true);
    }

    private static double work(boolean stolen) {
        try (Scanner words = new Scanner(read(Path.of("/proc/stat")))) {
            words.next();
            long sum = 0;
            for (int i = 0; i < WORDS; i++) {
                long ticks = words.nextLong();
                boolean counts = stolen ? i == STOLEN : i != IDLE && i != IO_WAIT && i != STOLEN;
                sum += counts ? ticks : 0;
            }
            return sum / TICKS_PER_SECOND;
        }
    }

    /// The memory of a process and of those it has begun, in KiB; what they share counts once.
    public static long memoryKib(ProcessHandle process) {
        return withChildren(process).mapToLong(each -> pssKib(each.pid())).sum();
    }

    private static long pssKib(long pid) {
        return read(Path.of("/proc", Long.toString(pid), "smaps_rollup"))
                .lines()
                .filter(line -> line.startsWith("Pss:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException _) {
            return ""; // it has ended
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
