package io.fairlead.k8s.watch;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// When something changed in a folder, and in which files.
///
/// Events come in bursts: a wait ends when a short while has passed without a further one. A look
/// at everything is asked for now and then, because not every file system reports every change.
final class FolderEvents implements AutoCloseable {

    /// A write of a few pages and its rename are over by then.
    private static final long QUIET_MILLIS = 10;

    /// A writer that never pauses does not hold back the rest for longer.
    private static final long MAX_BURST_MILLIS = 200;

    private static final long RESCAN_MILLIS = 5_000;

    private final Path folder;
    private final WatchService service;
    private @Nullable WatchKey key;
    private @Nullable Object watched;

    FolderEvents(Path folder) throws IOException {
        this.folder = folder;
        this.service = folder.getFileSystem().newWatchService();
        renew();
    }

    /// Watches the folder that now stands at the path, if it is another than before.
    void renew() throws IOException {
        Object identity = Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
        if (key != null && key.isValid() && Objects.equals(identity, watched)) {
            return;
        }
        if (key != null) {
            key.cancel();
        }
        key = folder.register(service, ENTRY_CREATE, ENTRY_MODIFY, ENTRY_DELETE);
        watched = identity;
    }

    /// Waits for changes; returns the manifests that changed, or null to look at everything.
    ///
    /// @param pending files to report soon even if nothing happens
    @Nullable Set<String> await(Set<String> pending) throws InterruptedException {
        Set<String> names = new TreeSet<>(pending);
        long wait = pending.isEmpty() ? RESCAN_MILLIS : MAX_BURST_MILLIS;
        WatchKey signalled = service.poll(wait, TimeUnit.MILLISECONDS);
        if (signalled == null) {
            return pending.isEmpty() ? null : names;
        }
        boolean named = true;
        long start = System.nanoTime();
        while (signalled != null) {
            named &= collect(signalled, names);
            boolean late = System.nanoTime() - start > MAX_BURST_MILLIS * 1_000_000;
            signalled = late ? null : service.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
        }
        return named ? names : null;
    }

    /// Whether the events name all that changed: a link or a folder may stand for any file.
    private static boolean collect(WatchKey signalled, Set<String> names) {
        boolean named = true;
        for (WatchEvent<?> event : signalled.pollEvents()) {
            String name = event.context() instanceof Path path ? path.toString() : "";
            if (FolderScanner.isManifest(name)) {
                names.add(name);
            } else {
                named = false;
            }
        }
        return signalled.reset() && named;
    }

    @Override
    public void close() throws IOException {
        service.close();
    }
}
