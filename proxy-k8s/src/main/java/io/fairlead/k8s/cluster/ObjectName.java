package io.fairlead.k8s.cluster;

import java.util.Comparator;

/// Namespace and name of an object of a known kind; the namespace is empty for kinds that have
/// none.
public record ObjectName(String namespace, String name) implements Comparable<ObjectName> {

    private static final Comparator<ObjectName> ORDER =
            Comparator.comparing(ObjectName::namespace).thenComparing(ObjectName::name);

    @Override
    public int compareTo(ObjectName other) {
        return ORDER.compare(this, other);
    }

    /// `namespace/name`, or the bare name of an object without namespace.
    @Override
    public String toString() {
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }
}
