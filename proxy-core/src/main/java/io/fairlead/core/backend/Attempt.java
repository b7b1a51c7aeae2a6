package io.fairlead.core.backend;

/// What a flow's attempt to connect means for its backend.
public enum Attempt {
    /// The backend was in use when the flow was led to it.
    NORMAL,

    /// The backend was ejected and used all the same, for want of better ones.
    TRIAL,

    /// The one flow that finds out whether an ejected backend answers again.
    PROBE
}
