package io.fairlead.core.service;

import org.jspecify.annotations.Nullable;

/// Addresses that are nobody's backend: whoever may write an EndpointSlice could otherwise make a
/// node's proxy speak to daemons that listen for the node alone, or to a cloud's metadata service
/// (CVE-2021-25737).
///
/// The list is the API server's for endpoints, with what it leaves out: IPv4-mapped IPv6 addresses,
/// all of multicast, broadcast and `0.0.0.0/8`.
public enum SpecialAddress {
    LOOPBACK("a loopback address"),
    UNSPECIFIED("an unspecified address"),
    LINK_LOCAL("a link-local address"),
    MULTICAST("a multicast address"),
    BROADCAST("the broadcast address"),
    IPV4_MAPPED("an IPv4-mapped address");

    private final String words;

    SpecialAddress(String words) {
        this.words = words;
    }

    /// What an address is; null for an ordinary one. Allocates nothing.
    public static @Nullable SpecialAddress of(IpAddress address) {
        return switch (address.family()) {
            case IPV4 -> ofIpv4((int) address.low());
            case IPV6 -> ofIpv6(address.high(), address.low());
        };
    }

    private static @Nullable SpecialAddress ofIpv4(int bits) {
        int first = bits >>> 24;
        if (first == 127) {
            return LOOPBACK;
        } else if (first == 0) {
            return UNSPECIFIED;
        } else if (bits >>> 16 == 0xa9fe) { // 169.254.0.0/16
            return LINK_LOCAL;
        } else if (bits == -1) {
            return BROADCAST;
        }
        return first >>> 4 == 0xe ? MULTICAST : null; // 224.0.0.0/4
    }

    private static @Nullable SpecialAddress ofIpv6(long high, long low) {
        if (high == 0 && low >>> 32 == 0xffff) {
            return IPV4_MAPPED;
        } else if (high == 0 && low == 1) {
            return LOOPBACK;
        } else if (high == 0 && low == 0) {
            return UNSPECIFIED;
        } else if (high >>> 54 == 0xfe80 >>> 6) { // fe80::/10
            return LINK_LOCAL;
        }
        return high >>> 56 == 0xff ? MULTICAST : null;
    }

    /// With its article, to follow "is".
    @Override
    public String toString() {
        return words;
    }
}
