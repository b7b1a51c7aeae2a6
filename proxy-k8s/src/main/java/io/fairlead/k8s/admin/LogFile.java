package io.fairlead.k8s.admin;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// Where lines of a log go: standard output, or a file that is put aside when it is large. Of one
/// thread.
final class LogFile implements AutoCloseable {

    /// Of one file, and how many are kept beside the one that is written.
    private static final long MAX_BYTES = 64L << 20;

    private static final int KEPT = 4;

    private final @Nullable Path path;
    private final long maxBytes;
    private OutputStream out;
    private long written;

    private LogFile(@Nullable Path path, OutputStream out, long written, long maxBytes) {
        this.path = path;
        this.out = out;
        this.written = written;
        this.maxBytes = maxBytes;
    }

    /// @param to `stdout`, or a file
    static LogFile open(String to) throws IOException {
        return to.equals(AccessLogOptions.STDOUT)
                ? new LogFile(null, new FileOutputStream(FileDescriptor.out), 0, Long.MAX_VALUE)
                : open(Path.of(to), MAX_BYTES);
    }

    static LogFile open(Path path, long maxBytes) throws IOException {
        OutputStream out = append(path);
        return new LogFile(path, out, Files.size(path), maxBytes);
    }

    private static OutputStream append(Path path) throws IOException {
        return Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /// Whole lines.
    void write(byte[] lines) throws IOException {
        if (path != null && written > 0 && written + lines.length > maxBytes) {
            rotate(path);
        }
        out.write(lines);
        written += lines.length;
    }

    /// Whatever fails of it, lines go on to be written, to this file or to the next.
    private void rotate(Path now) throws IOException {
        written = 0;
        try {
            if (Files.exists(now)) {
                putAside(now);
            }
        } finally {
            OutputStream next = append(now);
            out.close();
            out = next;
        }
    }

    private static void putAside(Path path) throws IOException {
        for (int i = KEPT; i > 1; i--) {
            Path younger = numbered(path, i - 1);
            if (Files.exists(younger)) {
                Files.move(younger, numbered(path, i), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(path, numbered(path, 1), StandardCopyOption.REPLACE_EXISTING);
    }

    private static Path numbered(Path path, int number) {
        return path.resolveSibling(path.getFileName() + "." + number);
    }

    @Override
    public void close() throws IOException {
        if (path != null) {
            out.close();
        }
    }
}
