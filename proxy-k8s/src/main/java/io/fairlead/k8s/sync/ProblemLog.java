package io.fairlead.k8s.sync;

import io.fairlead.k8s.cluster.Problem;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The problems there are now; each is logged once when it comes and once when it goes.
///
/// Each reporter, a thread of its own, says what it knows; read from anywhere.
public final class ProblemLog {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemLog.class);

    /// Lines of one report; the rest is counted. A broken cluster must not drown its own log.
    private static final int MAX_LINES = 50;

    private final Map<String, List<Problem>> byReporter = new HashMap<>();
    private volatile Set<Problem> current = Set.of();

    /// Makes `problems` the ones that `reporter` knows of.
    public synchronized void report(String reporter, Collection<Problem> problems) {
        byReporter.put(reporter, List.copyOf(problems));
        Set<Problem> before = current;
        Set<Problem> now = new TreeSet<>();
        byReporter.values().forEach(now::addAll);
        current = now;
        log(now, before, "");
        log(solved(before, now), Set.of(), "solved: ");
    }

    /// A problem that only changed its words is still there.
    private static Set<Problem> solved(Set<Problem> before, Set<Problem> now) {
        Set<List<String>> places = new HashSet<>();
        now.forEach(problem -> places.add(place(problem)));
        Set<Problem> solved = new TreeSet<>(before);
        solved.removeIf(problem -> places.contains(place(problem)));
        return solved;
    }

    private static List<String> place(Problem problem) {
        return List.of(problem.object(), problem.field());
    }

    private static void log(Set<Problem> these, Set<Problem> butNotThose, String prefix) {
        int lines = 0;
        for (Problem problem : these) {
            if (!butNotThose.contains(problem) && lines++ < MAX_LINES) {
                if (prefix.isEmpty()) {
                    LOG.warn("{}", problem);
                } else {
                    LOG.info("{}{}", prefix, problem);
                }
            }
        }
        if (lines > MAX_LINES) {
            LOG.warn("{}{} more problems", prefix, lines - MAX_LINES);
        }
    }

    /// The problems there are, sorted.
    public List<Problem> current() {
        return List.copyOf(current);
    }
}
