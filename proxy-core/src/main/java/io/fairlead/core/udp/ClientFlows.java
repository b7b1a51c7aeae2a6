package io.fairlead.core.udp;

import io.fairlead.core.service.IpAddress;
import org.jspecify.annotations.Nullable;

/// The flows of one client address, in the order in which they were last heard of. Owned by one
/// event loop.
final class ClientFlows {

    private final IpAddress client;
    private @Nullable UdpFlow oldest;
    private @Nullable UdpFlow newest;
    private int size;

    ClientFlows(IpAddress client) {
        this.client = client;
    }

    IpAddress client() {
        return client;
    }

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

    /// It was heard of just now.
    void touch(UdpFlow flow) {
        if (flow != newest) {
            remove(flow);
            add(flow);
        }
    }
}
