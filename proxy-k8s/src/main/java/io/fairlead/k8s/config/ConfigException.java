package io.fairlead.k8s.config;

import io.fairlead.k8s.cluster.Problem;
import java.util.List;
import java.util.stream.Collectors;

/// A configuration that cannot be used, with all that is wrong with it: a line for each.
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial") // an immutable list of records; nobody writes it to a stream
    private final List<Problem> problems;

    ConfigException(List<Problem> problems) {
        super(
                problems.stream().map(Problem::toString).collect(Collectors.joining("\n")),
                null,
                false,
                false);
        this.problems = List.copyOf(problems);
    }

    /// What is wrong.
    public List<Problem> problems() {
        return problems;
    }
}
