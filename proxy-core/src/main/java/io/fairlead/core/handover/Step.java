package io.fairlead.core.handover;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The steps of a hand-over, in their order, at each of which either process may die: tests make it
/// so, to see that clients do not notice.
public enum Step {
    /// Successor: its table is built, nothing was asked for yet.
    ASKING,
    /// Predecessor: it was asked, and has given nothing.
    ASKED,
    /// Predecessor: half of what it gives is on its way.
    GIVING,
    /// Successor: it has the sockets, and captures with them.
    PREPARED,
    /// Predecessor: it takes no datagrams.
    FROZEN,
    /// Successor: it has everything, and nobody comes to it yet.
    RECEIVED,
    /// Successor: it takes clients, and has not said so.
    SERVING,
    /// Predecessor: it knows that the other serves.
    LEAVING;

    /// The name of a step: whoever comes to it dies there, as by SIGKILL.
    public static final String PROPERTY = "fairlead.takeover.die";

    private static final Logger LOG = LoggerFactory.getLogger(Step.class);
    private static final int EXIT_CODE = 137; // what shells say of SIGKILL

    /// The caller has come to this step.
    public void reached() {
        LOG.debug("hand-over: {}", this);
        if (name().equals(System.getProperty(PROPERTY))) {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
    }
}
