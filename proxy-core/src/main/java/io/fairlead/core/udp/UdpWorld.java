package io.fairlead.core.udp;

import io.fairlead.core.flow.ClientAddresses;
import io.fairlead.core.flow.ClosedFlows;
import io.fairlead.core.flow.RefusedDials;
import io.fairlead.core.table.PublishedTable;
import java.util.function.LongSupplier;

/// What all event loops share that lead datagrams.
///
/// @param table what is served
/// @param clientAddresses where backends may see clients
/// @param refusedDials is told of backends that must not be asked
/// @param closedFlows is told of flows that ended
/// @param clock in nanoseconds
record UdpWorld(
        PublishedTable table,
        ClientAddresses clientAddresses,
        RefusedDials refusedDials,
        ClosedFlows closedFlows,
        LongSupplier clock) {}
