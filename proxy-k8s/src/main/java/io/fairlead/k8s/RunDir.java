package io.fairlead.k8s;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The folder that one agent owns while it lives; the kernel takes the lock back from a dead one.
///
/// A second lock is held by the one agent that is about to own it: so of two that start, or take
/// over, one learns that it came second.
final class RunDir implements AutoCloseable {

    private static final Path OF_ROOT = Path.of("/run/fairlead");
    private static final String LOCK = "agent.lock";
    private static final String START_LOCK = "start.lock";
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Path path;
    private final FileChannel startFile;
    private volatile @Nullable FileChannel lockFile; // by whoever takes it
    private volatile boolean closed;

    private RunDir(Path path, FileChannel startFile) {
        this.path = path;
        this.startFile = startFile;
    }

    /// `/run/fairlead`, or for others than root their own folder.
    static Path defaultPath() {
        if (Files.isWritable(OF_ROOT) || Files.isWritable(OF_ROOT.getParent())) {
            return OF_ROOT;
        }
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        return runtime != null && Files.isWritable(Path.of(runtime))
                ? Path.of(runtime, "fairlead")
                : Path.of(
                        System.getProperty("java.io.tmpdir"),
                        "fairlead-" + System.getProperty("user.name"));
    }

    /// Makes the folder where it is missing, for its owner alone, and takes it.
    static RunDir take(Path path) throws AgentException {
        RunDir runDir = begin(path);
        try {
            if (!runDir.tryTake()) {
                runDir.close();
                throw new AgentException(
                        "another fairlead agent, pid "
                                + Files.readString(path.resolve(LOCK)).strip()
                                + ", runs with "
                                + path
                                + "; stop it, take over from it with --takeover, or give this one"
                                + " another --run-dir");
            }
            runDir.started();
            return runDir;
        } catch (IOException e) {
            runDir.close();
            throw unusable(path, e);
        }
    }

    /// The same, but where an agent owns the folder, this one is its only successor.
    static RunDir takeOrSucceed(Path path) throws AgentException {
        RunDir runDir = begin(path);
        try {
            boolean _ = runDir.tryTake();
            return runDir;
        } catch (IOException e) {
            runDir.close();
            throw unusable(path, e);
        }
    }

    private static RunDir begin(Path path) throws AgentException {
        try {
            Files.createDirectories(
                    path,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
            FileChannel start = tryLockSoon(path.resolve(START_LOCK));
            if (start == null) {
                throw new AgentException(
                        "another fairlead agent is starting or taking over with "
                                + path
                                + "; it goes on, and this one ends");
            }
            return new RunDir(path, start);
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    private static AgentException unusable(Path path, IOException cause) {
        return new AgentException(
                "cannot use the run directory "
                        + path
                        + " ("
                        + FailedIo.reason(cause)
                        + "); give another one with --run-dir",
                cause);
    }

    /// An agent that is told to end has a look whether another has it, for a moment.
    private static @Nullable FileChannel tryLockSoon(Path file) throws IOException {
        long deadline = System.nanoTime() + LOOK_NS;
        FileChannel lock = tryLock(file);
        while (lock == null && System.nanoTime() < deadline) {
            pause();
            lock = tryLock(file);
        }
        return lock;
    }

    /// @return null when another process has it
    private static @Nullable FileChannel tryLock(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException _) {
            // Held by this very process.
        }
        channel.close();
        return null;
    }

    Path path() {
        return path;
    }

    /// Whether the folder is this agent's.
    boolean isTaken() {
        return lockFile != null;
    }

    /// Takes the folder, unless another agent owns it.
    synchronized boolean tryTake() throws IOException {
        if (lockFile == null && !closed) {
            FileChannel file = tryLock(path.resolve(LOCK));
            if (file != null) {
                file.truncate(0);
                file.write(UTF_8.encode(ProcessHandle.current().pid() + "\n"));
                lockFile = file;
            }
        }
        return lockFile != null;
    }

    /// Takes the folder as soon as its owner lets go of it.
    ///
    /// @return false when that takes longer
    boolean await(Duration most) throws AgentException {
        long deadline = System.nanoTime() + most.toNanos();
        try {
            while (!tryTake()) {
                if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
                    return false;
                }
                pause();
            }
            return true;
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    /// Goes on to try, until it is taken or closed.
    void takeLater() {
        Thread.ofPlatform()
                .name("fairlead-run-dir")
                .daemon()
                .start(() -> {
                    try {
                        while (!closed && !tryTake()) {
                            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
                        }
                    } catch (IOException _) {
                        // Whoever starts with it next will be told.
                    }
                });
    }

    static void pause() {
        LockSupport.parkNanos(PAUSE_NS);
    }

    /// The start is over: another agent may take over from this one.
    void started() {
        release(startFile);
    }

    /// Whether another process is about to take over.
    boolean hasSuccessor() {
        try {
            FileChannel start = tryLock(path.resolve(START_LOCK));
            if (start == null) {
                return true;
            }
            start.close();
            return false;
        } catch (IOException _) {
            return false;
        }
    }

    private static void release(@Nullable FileChannel file) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException _) {
            // The lock goes with the process.
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        release(lockFile);
        lockFile = null;
        release(startFile);
    }
}
