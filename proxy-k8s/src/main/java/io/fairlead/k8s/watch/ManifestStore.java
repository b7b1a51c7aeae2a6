package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.ClusterObject;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What all files of a folder say together.
///
/// The result depends on what each file says, not on the order in which they were read. A file that
/// cannot be read, or looks half-written, keeps what it said before. One owner; not safe for
/// threads.
final class ManifestStore {

    /// An object as a file says it; of several, the first by file name and place holds.
    private record Said(String file, int place, ClusterObject object) {}

    private static final Comparator<Said> FIRST =
            Comparator.comparing(Said::file).thenComparingInt(Said::place);

    private final Map<String, ParsedFile> files = new TreeMap<>();
    private final Map<String, Problem> broken = new TreeMap<>();
    private final Map<ObjectKey, List<Said>> said = new HashMap<>();
    private final Map<ObjectKey, Problem> contradictions = new TreeMap<>();
    private ClusterState state = ClusterState.EMPTY;

    /// Takes what a file says now.
    void accept(String file, ParsedFile now) {
        ParsedFile before = files.getOrDefault(file, ParsedFile.NOTHING);
        if (now.doubt() != null && !before.objects().isEmpty()) {
            reject(file, new BrokenFileException("", now.doubt()));
            return;
        }
        broken.remove(file);
        replace(file, before, now);
        files.put(file, now);
    }

    /// Keeps what a file said before.
    void reject(String file, BrokenFileException why) {
        boolean known = !files.getOrDefault(file, ParsedFile.NOTHING).objects().isEmpty();
        broken.put(
                file,
                new Problem(
                        "File " + file,
                        why.place(),
                        why.message()
                                + (known
                                        ? "; what it said before still holds, mend the file or"
                                                + " delete it"
                                        : "; nothing of it is used, mend the file")));
    }

    /// Forgets a file.
    void remove(String file) {
        broken.remove(file);
        ParsedFile before = files.remove(file);
        if (before != null) {
            replace(file, before, ParsedFile.NOTHING);
        }
    }

    /// The state as it is now, and every problem.
    ClusterUpdate update() {
        List<Problem> problems = new ArrayList<>(broken.values());
        problems.addAll(contradictions.values());
        files.values().forEach(f -> problems.addAll(f.problems()));
        return new ClusterUpdate(state, problems.stream().sorted().distinct().toList());
    }

    private void replace(String file, ParsedFile before, ParsedFile now) {
        Set<ObjectKey> touched = new LinkedHashSet<>();
        for (ClusterObject object : before.objects()) {
            touched.add(object.key());
        }
        for (ObjectKey key : touched) {
            forget(file, key);
        }
        for (int i = 0; i < now.objects().size(); i++) {
            ClusterObject object = now.objects().get(i);
            remember(new Said(file, i, object));
            touched.add(object.key());
        }
        touched.forEach(this::settle);
    }

    private void forget(String file, ObjectKey key) {
        List<Said> rest =
                said.getOrDefault(key, List.of()).stream()
                        .filter(s -> !s.file().equals(file))
                        .toList();
        if (rest.isEmpty()) {
            said.remove(key);
        } else {
            said.put(key, rest);
        }
    }

    private void remember(Said one) {
        ObjectKey key = one.object().key();
        List<Said> others = said.get(key);
        if (others == null) {
            said.put(key, List.of(one));
            return;
        }
        List<Said> all = new ArrayList<>(others);
        all.add(one);
        all.sort(FIRST);
        said.put(key, List.copyOf(all));
    }

    private void settle(ObjectKey key) {
        List<Said> all = said.get(key);
        if (all == null) {
            state = state.without(key);
            contradictions.remove(key);
            return;
        }
        state = state.with(all.getFirst().object());
        Problem contradiction = contradiction(key, all);
        if (contradiction == null) {
            contradictions.remove(key);
        } else {
            contradictions.put(key, contradiction);
        }
    }

    private static @Nullable Problem contradiction(ObjectKey key, List<Said> all) {
        Said used = all.getFirst();
        for (Said other : all) {
            if (!other.object().equals(used.object())) {
                String where =
                        other.file().equals(used.file())
                                ? "twice in " + used.file()
                                : "in " + used.file() + " and in " + other.file();
                return Problem.of(
                        key,
                        "",
                        "is "
                                + where
                                + " with different content; the first in "
                                + used.file()
                                + " is used, remove the other");
            }
        }
        return null;
    }
}
