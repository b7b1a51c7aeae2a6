package io.fairlead.core.service;

/// A backend as a snapshot names it: where it listens and its share.
///
/// @param weight share relative to the other backends of the set, 1 to [#MAX_WEIGHT]
public record BackendSpec(AddressPort at, int weight) implements Comparable<BackendSpec> {

    /// What a backend gets that names no weight.
    public static final int DEFAULT_WEIGHT = 1;

    /// Bounds the schedules that pickers build from weights.
    public static final int MAX_WEIGHT = 256;

    public BackendSpec {
        if (weight < 1 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException(
                    "weight " + weight + " is not within 1 and " + MAX_WEIGHT);
        }
    }

    public static BackendSpec of(IpAddress address, int port) {
        return new BackendSpec(new AddressPort(address, port), DEFAULT_WEIGHT);
    }

    @Override
    public int compareTo(BackendSpec other) {
        int byAddress = at.compareTo(other.at);
        return byAddress != 0 ? byAddress : Integer.compare(weight, other.weight);
    }
}
