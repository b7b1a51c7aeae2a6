package io.fairlead.k8s.watch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Reads the manifest files of one folder into a store: those that are new or changed.
///
/// Links are followed, so that a swapped link is a changed file. Sub-folders, hidden files, and
/// whatever is no regular file are passed over. One owner; not safe for threads.
final class FolderScanner {

    /// A file's identity and version as far as its attributes tell.
    private record Stamp(long size, FileTime modified, @Nullable Object fileKey) {
        static Stamp of(BasicFileAttributes attributes) {
            return new Stamp(
                    attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
        }
    }

    private final Path folder;
    private final ManifestStore store;
    private final Map<String, Stamp> stamps = new HashMap<>();
    private final Set<String> unsettled = new HashSet<>();

    FolderScanner(Path folder, ManifestStore store) {
        this.folder = folder;
        this.store = store;
    }

    /// Whether a name is that of a manifest.
    static boolean isManifest(String name) {
        return !name.startsWith(".")
                && (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"));
    }

    /// Reads every file whose attributes changed, and forgets those that are gone.
    ///
    /// @throws IOException when the folder itself cannot be listed; nothing is forgotten then
    void scan() throws IOException {
        Set<String> present = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (isManifest(name)) {
                    present.add(name);
                }
            }
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        Set<String> gone = new HashSet<>(stamps.keySet());
        gone.removeAll(present);
        gone.forEach(this::forget);
        for (String name : present) {
            read(name, false);
        }
    }

    /// Reads a file again even if its attributes are the same: they may be too coarse to tell.
    void reread(String name) {
        read(name, true);
    }

    /// Names of files that changed while they were read; to be read again soon.
    Set<String> takeUnsettled() {
        Set<String> names = Set.copyOf(unsettled);
        unsettled.clear();
        return names;
    }

    private void forget(String name) {
        stamps.remove(name);
        store.remove(name);
    }

    private void read(String name, boolean always) {
        Path file = folder.resolve(name);
        try {
            BasicFileAttributes before = Files.readAttributes(file, BasicFileAttributes.class);
            if (!before.isRegularFile()) {
                forget(name);
                return;
            }
            Stamp stamp = Stamp.of(before);
            if (stamp.equals(stamps.put(name, stamp)) && !always) {
                return;
            }
            parse(name, bytes(file, before.size()));
            if (!stamp.equals(Stamp.of(Files.readAttributes(file, BasicFileAttributes.class)))) {
                unsettled.add(name);
            }
        } catch (NoSuchFileException _) {
            forget(name);
        } catch (IOException e) {
            store.reject(name, new BrokenFileException("", "cannot be read: " + e.getMessage()));
        } catch (BrokenFileException e) {
            store.reject(name, e);
        }
    }

    private void parse(String name, byte[] bytes) throws BrokenFileException {
        store.accept(name, ManifestParser.parse(name, bytes));
    }

    private static byte[] bytes(Path file, long size) throws IOException, BrokenFileException {
        int limit = ManifestParser.MAX_FILE_BYTES;
        if (size <= limit) {
            try (InputStream in = Files.newInputStream(file)) {
                byte[] bytes = in.readNBytes(limit + 1);
                if (bytes.length <= limit) {
                    return bytes;
                }
            }
        }
        throw new BrokenFileException("", "is larger than " + limit + " bytes; split it");
    }
}
