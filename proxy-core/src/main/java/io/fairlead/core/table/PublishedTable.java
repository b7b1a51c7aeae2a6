package io.fairlead.core.table;

/// The current [VipTable], handed from the control thread to the event loops.
///
/// Only the control thread publishes. An event loop reads once per new flow and keeps what it got,
/// so a flow never sees two generations.
public final class PublishedTable {

    private volatile VipTable table = VipTable.EMPTY;

    public void publish(VipTable next) {
        table = next;
    }

    public VipTable current() {
        return table;
    }
}
