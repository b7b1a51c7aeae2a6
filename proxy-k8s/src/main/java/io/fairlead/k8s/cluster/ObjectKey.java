package io.fairlead.k8s.cluster;

import java.util.Comparator;

/// Identity of an object among all that Fairlead reads.
public record ObjectKey(Kind kind, ObjectName name) implements Comparable<ObjectKey> {

    private static final Comparator<ObjectKey> ORDER =
            Comparator.comparing(ObjectKey::kind).thenComparing(ObjectKey::name);

    /// The kinds that Fairlead reads.
    public enum Kind {
        SERVICE("Service"),
        ENDPOINT_SLICE("EndpointSlice"),
        NODE("Node"),
        SERVICE_CIDR("ServiceCIDR");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        /// The kind as manifests spell it.
        public String word() {
            return word;
        }

        /// Whether objects of the kind live in namespaces.
        public boolean isNamespaced() {
            return this == SERVICE || this == ENDPOINT_SLICE;
        }
    }

    @Override
    public int compareTo(ObjectKey other) {
        return ORDER.compare(this, other);
    }

    /// `Service default/web` or `Node n1`: how problems name an object.
    @Override
    public String toString() {
        return kind.word() + " " + name;
    }
}
