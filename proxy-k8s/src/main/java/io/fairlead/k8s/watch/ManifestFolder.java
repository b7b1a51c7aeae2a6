package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.Problem;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A folder of manifests as a source of cluster states.
///
/// Files ending in `.yaml`, `.yml` and `.json` directly in the folder are read; kinds that Fairlead
/// does not know are passed over. One thread reads and calls the consumer, with the first state
/// before anything else and then with each that differs from the one before.
public final class ManifestFolder implements StateSource {
    private static final Logger LOG = LoggerFactory.getLogger(ManifestFolder.class);

    private final Path folder;
    private final Consumer<ClusterUpdate> consumer;
    private final ManifestStore store = new ManifestStore();
    private final FolderScanner scanner;
    private final FolderEvents events;
    private final Thread thread;

    private @Nullable Problem folderProblem;
    private @Nullable ClusterUpdate last;

    private ManifestFolder(Path folder, Consumer<ClusterUpdate> consumer) throws IOException {
        this.folder = folder;
        this.consumer = consumer;
        this.scanner = new FolderScanner(folder, store);
        this.events = new FolderEvents(folder);
        this.thread = new Thread(this::run, "fairlead-manifests");
        thread.setDaemon(true);
    }

    /// Reads a folder once.
    ///
    /// @throws IOException when it is missing or not a folder; the message says which
    public static ClusterUpdate read(Path folder) throws IOException {
        check(folder);
        ManifestStore store = new ManifestStore();
        FolderScanner scanner = new FolderScanner(folder, store);
        scanner.scan();
        return store.update();
    }

    /// Reads a folder and follows its changes until closed.
    ///
    /// The folder has been read when this returns; `consumer` learns of it soon after, on the
    /// folder's own thread, which it must not block for long.
    ///
    /// @throws IOException when it is missing or not a folder; the message says which
    public static ManifestFolder watch(Path folder, Consumer<ClusterUpdate> consumer)
            throws IOException {
        check(folder);
        ManifestFolder manifests = new ManifestFolder(folder, consumer);
        try {
            // Events are collected from here on, so that no change falls between scan and watch.
            manifests.scanner.scan();
        } catch (IOException e) {
            manifests.events.close();
            throw e;
        }
        manifests.thread.start();
        return manifests;
    }

    private static void check(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            throw new NoSuchFileException(folder + ": no such folder of manifests");
        }
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(
                    folder + ": not a folder; name the one that holds the" + " manifests");
        }
    }

    /// Ends the thread and waits for it; the consumer is not called afterwards.
    @Override
    public void close() throws IOException {
        events.close();
        if (Thread.currentThread() != thread) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void run() {
        try {
            deliver();
            while (true) {
                follow(events.await(scanner.takeUnsettled()));
                deliver();
            }
        } catch (ClosedWatchServiceException _) {
            LOG.debug("{} is no longer watched", folder);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Reads the named files, or looks at all of them when names do not say enough.
    private void follow(@Nullable Set<String> names) {
        if (names != null) {
            names.forEach(scanner::reread);
            return;
        }
        try {
            events.renew();
            scanner.scan();
            folderProblem = null;
        } catch (IOException e) {
            folderProblem =
                    new Problem(
                            "Folder " + folder,
                            "",
                            "cannot be read; what it said before still holds, bring it back");
        }
    }

    private void deliver() {
        ClusterUpdate now = store.update();
        Problem problem = folderProblem;
        if (problem != null) {
            List<Problem> problems = new ArrayList<>(now.problems());
            problems.add(problem);
            now = new ClusterUpdate(now.state(), problems);
        }
        if (now.equals(last)) {
            return;
        }
        last = now;
        try {
            consumer.accept(now);
        } catch (RuntimeException e) {
            LOG.error("A change in {} could not be applied", folder, e);
        }
    }
}
