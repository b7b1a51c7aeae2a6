package io.fairlead.core.table;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Protocol;

/// An exact place where clients arrive: a VIP, or one node address of a NodePort.
public record Frontend(Protocol protocol, AddressPort at) implements Comparable<Frontend> {

    @Override
    public int compareTo(Frontend other) {
        int byAddress = at.compareTo(other.at);
        return byAddress != 0 ? byAddress : protocol.compareTo(other.protocol);
    }

    /// `TCP 10.96.0.10:80`.
    @Override
    public String toString() {
        return protocol + " " + at;
    }
}
