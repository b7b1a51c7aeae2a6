package io.fairlead.core.service;

/// An address and a port of it; the protocol is known from where it stands.
public record AddressPort(IpAddress address, int port) implements Comparable<AddressPort> {

    public AddressPort {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " is not within 1 and 65535");
        }
    }

    /// By the address's bits, as [IpAddress] keeps them.
    public static AddressPort of(IpFamily family, long high, long low, int port) {
        return new AddressPort(
                family == IpFamily.IPV4 ? IpAddress.ofIpv4((int) low) : IpAddress.ofIpv6(high, low),
                port);
    }

    @Override
    public int compareTo(AddressPort other) {
        int byAddress = address.compareTo(other.address);
        return byAddress != 0 ? byAddress : Integer.compare(port, other.port);
    }

    /// `10.0.0.1:80` or `[fd00::1]:80`.
    @Override
    public String toString() {
        return switch (address.family()) {
            case IPV4 -> address + ":" + port;
            case IPV6 -> "[" + address + "]:" + port;
        };
    }
}
