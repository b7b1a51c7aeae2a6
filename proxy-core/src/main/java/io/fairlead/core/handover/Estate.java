package io.fairlead.core.handover;

import io.fairlead.core.backend.BackendStanding;
import io.fairlead.core.balance.AffinityRecord;
import java.util.List;

/// What there is to give to an agent that takes over, and how it is given.
///
/// From [#sockets] to [#thaw] or [#leave] all is called on one thread, on which nothing else of the
/// agent happens meanwhile: what is given does not change.
public interface Estate {

    /// All open files that another process needs to go on; they stay the agent's as well.
    List<HandedSocket> sockets();

    /// Clients that stick to a backend.
    ///
    /// @param heardOfNs those alone that were heard of in that time
    List<AffinityRecord> clients(long heardOfNs);

    /// What is known against backends.
    List<BackendStanding> standings();

    /// TCP flows that it relays, and goes on to relay. Any thread.
    List<HandedCount> counts();

    /// Takes no datagrams from here on; what comes waits in the sockets.
    ///
    /// @return all flows of datagrams
    List<HandedFlow> freeze();

    /// Nobody takes over: goes on as before, whatever was called until now.
    void thaw();

    /// The other serves: takes no more clients, and lets go of all that it gave.
    ///
    /// @param hostKept whether the other looks after routes, rules and the like
    void leave(boolean hostKept);
}
