package io.fairlead.k8s.testing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What is in the cluster of a [FakeApiServer], and what has changed there; guarded by it.
///
/// Objects are JSON texts by name; each change gets the next resource version.
final class FakeObjects {

    private record Event(long version, String resource, String line) {}

    private final Map<String, Map<String, String>> objects = new HashMap<>();
    private final List<Event> history = new ArrayList<>();
    private long version = 1;
    private long oldest = 0;

    /// The version of the last change.
    long version() {
        return version;
    }

    /// Creates or changes an object.
    ///
    /// @return what watches are told
    String put(String resource, String name, String json) {
        version++;
        boolean known = named(resource).containsKey(name);
        String object = ApiJson.object(resource, name, json, version);
        named(resource).put(name, object);
        return changed(resource, known ? "MODIFIED" : "ADDED", object);
    }

    /// Removes an object.
    ///
    /// @return what watches are told; null where there was none
    @Nullable String delete(String resource, String name) {
        version++;
        String object = named(resource).remove(name);
        return object == null ? null : changed(resource, "DELETED", object);
    }

    private Map<String, String> named(String resource) {
        return objects.computeIfAbsent(resource, _ -> new TreeMap<>());
    }

    private String changed(String resource, String type, String object) {
        String line = ApiJson.event(type, object);
        history.add(new Event(version, resource, line));
        return line;
    }

    /// @param empty whether to say that there are none
    String list(String resource, boolean empty) {
        return ApiJson.list(resource, version, empty ? List.of() : named(resource).values());
    }

    /// What watches have been told since a version; null where that is forgotten.
    @Nullable List<String> since(long from, String resource) {
        return from < oldest
                ? null
                : history.stream()
                        .filter(e -> e.version() > from && e.resource().equals(resource))
                        .map(Event::line)
                        .toList();
    }

    /// Forgets history.
    void compact() {
        history.clear();
        oldest = version;
    }
}
