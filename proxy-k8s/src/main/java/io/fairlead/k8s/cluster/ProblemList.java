package io.fairlead.k8s.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Collects problems in one piece of work; bounded for each object. Not safe for threads.
public final class ProblemList {

    /// Enough to see the pattern; a slice may hold 1,000 endpoints.
    private static final int MAX_PER_OBJECT = 20;

    private final List<Problem> problems = new ArrayList<>();
    private final Map<String, Integer> counts = new HashMap<>();

    public void add(ObjectKey object, String field, String message) {
        add(Problem.of(object, field, message));
    }

    public void add(Problem problem) {
        if (counts.merge(problem.object(), 1, Integer::sum) <= MAX_PER_OBJECT) {
            problems.add(problem);
        }
    }

    /// The problems, sorted and each once, with a line for each object that had more than fit.
    public List<Problem> sorted() {
        List<Problem> all = new ArrayList<>(problems);
        counts.forEach((object, count) -> {
            if (count > MAX_PER_OBJECT) {
                String more = count - MAX_PER_OBJECT + " more problems like these";
                all.add(new Problem(object, "", more));
            }
        });
        return all.stream().sorted().distinct().toList();
    }
}
