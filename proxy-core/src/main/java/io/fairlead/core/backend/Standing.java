package io.fairlead.core.backend;

/// Whether flows are led to a backend. Immutable; [Reachability] replaces it.
///
/// @param times ejections in a row, so far
/// @param timeNs [Kind#EJECTED], [Kind#PROBED]: until when; [Kind#IN_USE]: since when
record Standing(Kind kind, int times, long timeNs) {

    /// In use from the start.
    static final Standing NEW = new Standing(Kind.IN_USE, 0, 0);

    /// No longer a backend of its service port: nothing that flows find out matters any more.
    static final Standing GONE = new Standing(Kind.GONE, 0, 0);

    /// The states.
    enum Kind {
        /// -> EJECTED when too many connections in a row fail.
        IN_USE,
        /// -> PROBED when its time is over and a flow tries; -> IN_USE when a trial succeeds.
        EJECTED,
        /// -> IN_USE when the probe or a trial succeeds, else -> EJECTED.
        PROBED,
        /// The end.
        GONE
    }

    boolean isEjected() {
        return kind == Kind.EJECTED || kind == Kind.PROBED;
    }
}
