package io.fairlead.k8s.watch;

import io.fairlead.k8s.cluster.ClusterObject;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One piece of news from the API server, reduced to facts.
sealed interface ApiChange {

    /// What an object says now.
    ///
    /// @param uid of this life of the object; null when it was deleted
    /// @param object null when it was deleted or can be of no use
    record Said(
            ObjectKey key,
            @Nullable String uid,
            @Nullable ClusterObject object,
            List<Problem> problems)
            implements ApiChange {

        public Said {
            problems = List.copyOf(problems);
        }
    }

    /// An object is not in a new list of its kind; the list's [Listed] follows.
    record Vanished(ObjectKey key) implements ApiChange {}

    /// All objects of a kind have been listed; those that had vanished were told of before.
    record Listed(ObjectKey.Kind kind) implements ApiChange {}
}
