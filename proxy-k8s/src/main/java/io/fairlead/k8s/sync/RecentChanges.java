package io.fairlead.k8s.sync;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The last changes of what is served, newest first. The control thread adds, any thread reads.
public final class RecentChanges {

    /// Some minutes of a busy cluster; about 100 KiB.
    static final int MOST = 200;

    /// Names that one change keeps: enough to know it by.
    static final int NAMES = 10;

    /// One change: what was applied at a time.
    ///
    /// @param generation of what has been served since
    /// @param added Services that had not been there
    /// @param changed Services of which they themselves or their endpoints changed
    /// @param services names of some of all these
    /// @param waited from hearing of the first of it to its being served
    /// @param applying the part of that in which it was being applied
    /// @param triggered from what changed an endpoint, by its slice's annotation, to its being
    ///   served; the longest of them, null without any
    public record Change(
            Instant at,
            long generation,
            int added,
            int changed,
            int gone,
            List<String> services,
            Duration waited,
            Duration applying,
            @Nullable Duration triggered) {
        public Change {
            services = List.copyOf(services);
        }
    }

    private final Deque<Change> changes = new ArrayDeque<>();

    synchronized void add(Change change) {
        if (changes.size() == MOST) {
            changes.removeLast();
        }
        changes.addFirst(change);
    }

    /// The newest ones.
    public synchronized List<Change> latest(int most) {
        return changes.stream().limit(most).toList();
    }
}
