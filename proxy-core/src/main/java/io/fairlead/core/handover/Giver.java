package io.fairlead.core.handover;

/// An agent that serves, as it gives its [Estate] to one that takes over from it.
public interface Giver {

    /// The inode of the network namespace it serves in.
    long namespace();

    /// Runs the exchange on the thread that owns the estate; waits.
    ///
    /// @return false when that thread runs nothing any more
    boolean hold(Runnable exchange);

    /// Whether an open file of the estate is of use to another process.
    boolean gives(HandedSocket socket);

    /// After [Estate#leave], and not on its thread: lets go of the run directory and all else that
    /// only one agent can have.
    void left();
}
