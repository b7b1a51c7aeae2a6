package io.fairlead.core.backend;

import java.util.Locale;

/// Why an accepted connection was reset before it became a flow.
public enum FlowRefusal {
    /// Its frontend is none any more.
    GONE,
    /// The service port has nobody for it, or is not for this client.
    NOT_SERVED,
    /// The service port has as many flows as it may.
    MAX_FLOWS,
    /// The client has as many of them as it may.
    MAX_FLOWS_PER_CLIENT,
    /// The client opens more in a second than it may.
    FLOW_RATE_PER_CLIENT;

    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    private static final FlowRefusal[] ALL = values();

    /// How many there are, for counts by ordinal.
    public static int count() {
        return ALL.length;
    }

    /// Such as `max-flows`.
    public String word() {
        return word;
    }
}
