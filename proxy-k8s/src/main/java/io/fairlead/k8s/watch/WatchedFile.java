package io.fairlead.k8s.watch;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One file that is followed: written in place, renamed over, or behind a link that is swapped, as
/// kubelet does with ConfigMaps.
///
/// One thread, `fairlead-config`, reads it and calls the listener. Where a link leads to another
/// folder, a change there is seen within seconds.
public final class WatchedFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);

    /// Who wants to know.
    public interface Listener {
        /// Its bytes differ from those before.
        void onChange(byte[] bytes);

        /// It cannot be read any more; said once until it can.
        void onLost(IOException why);
    }

    private final Path file;
    private final Listener listener;
    private final FolderEvents events;
    private final Thread thread;

    // Of the thread.
    private byte[] last;
    private boolean lost;

    private WatchedFile(Path file, byte[] known, Listener listener) throws IOException {
        this.file = file.toAbsolutePath();
        this.last = known.clone();
        this.listener = listener;
        Path folder = this.file.getParent();
        this.events = new FolderEvents(folder == null ? this.file : folder);
        this.thread = new Thread(this::run, "fairlead-config");
        thread.setDaemon(true);
    }

    /// Follows a file until closed.
    ///
    /// @param known what it said when it was last read; a change since is told at once
    /// @throws IOException when its folder cannot be followed
    public static WatchedFile follow(Path file, byte[] known, Listener listener)
            throws IOException {
        WatchedFile watched = new WatchedFile(file, known, listener);
        watched.thread.start();
        return watched;
    }

    private void run() {
        try {
            while (true) {
                look();
                if (events.await(Set.of()) == null) {
                    renew();
                }
            }
        } catch (ClosedWatchServiceException _) {
            LOG.debug("{} is no longer followed", file);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            byte[] now = Files.readAllBytes(file);
            lost = false;
            if (!Arrays.equals(now, last)) {
                last = now;
                listener.onChange(now);
            }
        } catch (IOException e) {
            if (!lost) {
                lost = true;
                listener.onLost(e);
            }
        } catch (RuntimeException e) {
            LOG.error("A change of {} could not be taken", file, e);
        }
    }

    private void renew() {
        try {
            events.renew();
        } catch (IOException e) {
            LOG.debug("the folder of {} is gone", file, e);
        }
    }

    /// Ends the thread and waits for it; the listener is not called afterwards.
    @Override
    public void close() {
        try {
            events.close();
            thread.join();
        } catch (IOException e) {
            LOG.debug("{} could not be closed", file, e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
