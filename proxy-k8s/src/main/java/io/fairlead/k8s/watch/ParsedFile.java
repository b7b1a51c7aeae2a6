package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.ClusterObject;
import io.fairlead.k8s.cluster.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one manifest file says.
///
/// @param objects in the order written; a key may stand twice
/// @param problems of the objects
/// @param doubt why the file might be half-written although it can be read; null when it looks
///   whole
record ParsedFile(List<ClusterObject> objects, List<Problem> problems, @Nullable String doubt) {

    /// A file that says nothing.
    static final ParsedFile NOTHING = new ParsedFile(List.of(), List.of(), null);

    ParsedFile {
        objects = List.copyOf(objects);
        problems = List.copyOf(problems);
    }
}
