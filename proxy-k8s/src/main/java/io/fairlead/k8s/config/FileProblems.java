package io.fairlead.k8s.config;

import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.watch.Document;
import java.util.ArrayList;
import java.util.List;

/// What is wrong with one configuration file, and what of it is passed over. One owner.
final class FileProblems {

    /// Enough to see the pattern.
    private static final int MAX_ERRORS = 20;

    private final String file;
    private final Document document;
    private final List<Problem> errors = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    FileProblems(String file, Document document) {
        this.file = file;
        this.document = document;
    }

    /// The file cannot be used.
    void error(String path, String message) {
        if (errors.size() < MAX_ERRORS) {
            errors.add(problem(path, message));
        }
    }

    /// The file is used without this.
    void warning(String path, String message) {
        warnings.add(problem(path, message));
    }

    private Problem problem(String path, String message) {
        String place = document.place(path);
        return new Problem(place.isEmpty() ? file : file + ": " + place, path, message);
    }

    /// @throws ConfigException when there was an error
    List<Problem> warnings() throws ConfigException {
        if (!errors.isEmpty()) {
            throw new ConfigException(errors);
        }
        return List.copyOf(warnings);
    }
}
