package io.fairlead.core.udp;

import org.jspecify.annotations.Nullable;

/// The flows of one client address, in the order in which they began. Owned by one event loop.
final class ClientFlows {

    private @Nullable UdpFlow oldest;
    private @Nullable UdpFlow newest;
    private int size;

    @Nullable UdpFlow oldest() {
        return oldest;
    }

    int size() {
        return size;
    }

    void add(UdpFlow flow) {
        size++;
        flow.olderOfClient = newest;
        if (newest == null) {
            oldest = flow;
        } else {
            newest.newerOfClient = flow;
        }
        newest = flow;
    }

    void remove(UdpFlow flow) {
        size--;
        if (flow.olderOfClient == null) {
            oldest = flow.newerOfClient;
        } else {
            flow.olderOfClient.newerOfClient = flow.newerOfClient;
        }
        if (flow.newerOfClient == null) {
            newest = flow.olderOfClient;
        } else {
            flow.newerOfClient.olderOfClient = flow.olderOfClient;
        }
        flow.olderOfClient = null;
        flow.newerOfClient = null;
    }
}
