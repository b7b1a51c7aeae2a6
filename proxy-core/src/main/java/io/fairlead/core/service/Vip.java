package io.fairlead.core.service;

/// An address and port at which clients reach a service port.
///
/// A NodePort has the unspecified address of its family: it is served at the addresses in
/// [NodeNetwork#nodePortAddresses], whichever they are at the moment.
public record Vip(Kind kind, AddressPort at) implements Comparable<Vip> {

    /// What made this a VIP.
    public enum Kind {
        CLUSTER_IP,
        NODE_PORT,
        LOAD_BALANCER,
        EXTERNAL_IP
    }

    public Vip {
        if ((kind == Kind.NODE_PORT) != at.address().isAny()) {
            throw new IllegalArgumentException(
                    "a NodePort, and nothing else, is at the unspecified address: " + at);
        }
    }

    public static Vip of(Kind kind, IpAddress address, int port) {
        return new Vip(kind, new AddressPort(address, port));
    }

    public static Vip nodePort(IpFamily family, int port) {
        return of(Kind.NODE_PORT, IpAddress.any(family), port);
    }

    public IpAddress address() {
        return at.address();
    }

    public int port() {
        return at.port();
    }

    /// True for a VIP that serves clients inside the cluster by the internal backend set.
    public boolean isInternal() {
        return kind == Kind.CLUSTER_IP;
    }

    @Override
    public int compareTo(Vip other) {
        int byKind = kind.compareTo(other.kind);
        return byKind != 0 ? byKind : at.compareTo(other.at);
    }
}
