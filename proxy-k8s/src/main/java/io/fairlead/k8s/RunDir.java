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
import org.jspecify.annotations.Nullable;

/// The folder that one agent owns while it lives; the kernel takes the lock back from a dead one.
final class RunDir implements AutoCloseable {

    private static final Path OF_ROOT = Path.of("/run/fairlead");

    private final FileChannel lockFile;

    private RunDir(FileChannel lockFile) {
        this.lockFile = lockFile;
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
        Path lock = path.resolve("agent.lock");
        try {
            Files.createDirectories(
                    path,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
            FileChannel file =
                    FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(file) == null) {
                file.close();
                throw new AgentException(
                        "another fairlead agent, pid "
                                + Files.readString(lock).strip()
                                + ", runs with "
                                + path
                                + "; stop it, or give this one another --run-dir");
            }
            file.truncate(0);
            file.write(UTF_8.encode(ProcessHandle.current().pid() + "\n"));
            return new RunDir(file);
        } catch (IOException e) {
            throw new AgentException(
                    "cannot use the run directory "
                            + path
                            + " ("
                            + FailedIo.reason(e)
                            + "); give another one with --run-dir",
                    e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException _) {
            return null; // held by this very process
        }
    }

    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException _) {
            // The lock goes with the process.
        }
    }
}
