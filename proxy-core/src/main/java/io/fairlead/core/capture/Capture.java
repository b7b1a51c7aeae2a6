package io.fairlead.core.capture;

import io.fairlead.core.handover.HandedSocket;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.table.Frontend;
import io.fairlead.core.table.VipTable;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/// A way to make clients of frontends arrive here, and clients of nothing else.
///
/// Used by the control thread only. What is not captured is refused by the kernel before any
/// handshake: a frontend must be in the published table before it is captured, and out of the
/// capture before it leaves the table.
public interface Capture extends AutoCloseable {

    /// The way in use and why, for the line that says so at start.
    String description();

    /// Makes these arrive too, or arrive for other clients than before. One that cannot be captured
    /// disturbs no other.
    void add(Collection<VipTable.Row> rows);

    /// Makes these arrive no longer; their clients are refused when this returns.
    void remove(Collection<Frontend> frontends);

    /// Follows the node's network and the addresses of VIPs, captured or not: the node is the place
    /// where packets to these addresses end. To be called before [#add] names frontends at them.
    ///
    /// @param added addresses of VIPs that were none before; those of NodePorts are not among them
    /// @param removed addresses that are VIPs no longer
    void follow(NodeNetwork node, Collection<IpAddress> added, Collection<IpAddress> removed);

    /// Tries again what could not be captured; every few seconds.
    void retry();

    /// Repairs what others changed of the host's state; every half a minute.
    void repair();

    /// What cannot be captured at the moment, and why.
    List<CaptureFailure> failures();

    /// Names the open files with which another process can go on to capture; they stay this one's
    /// as well.
    void offer(Consumer<HandedSocket> to);

    /// Clients are led here from now on, where another process led them that had the same open
    /// files.
    void engage();

    /// Another process captures with what was offered: this one lets go of it. The host stays as it
    /// is, for [#close] or for the other.
    ///
    /// @param hostKept whether the other looks after the host from now on
    void leave(boolean hostKept);

    /// Stops capturing.
    @Override
    void close();
}
