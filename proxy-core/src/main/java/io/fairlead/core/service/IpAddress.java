package io.fairlead.core.service;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/// An IPv4 or IPv6 address as two longs: hashable and comparable without touching an array.
///
/// An IPv4 address has `high == 0` and its 32 bits, unsigned, in `low`. An IPv4-mapped IPv6 address
/// (`::ffff:1.2.3.4`) stays an IPv6 address: what may be dialled is decided elsewhere, and must be
/// able to tell the two apart.
public record IpAddress(IpFamily family, long high, long low) implements Comparable<IpAddress> {

    /// `0.0.0.0`; in a [Vip], every IPv4 address of this node that serves NodePorts.
    public static final IpAddress ANY_IPV4 = new IpAddress(IpFamily.IPV4, 0, 0);

    /// `::`; in a [Vip], every IPv6 address of this node that serves NodePorts.
    public static final IpAddress ANY_IPV6 = new IpAddress(IpFamily.IPV6, 0, 0);

    private static final int IPV4_OCTETS = 4;
    private static final int IPV6_GROUPS = 8;

    public IpAddress {
        if (family == IpFamily.IPV4 && (high != 0 || low >>> 32 != 0)) {
            throw new IllegalArgumentException("not an IPv4 address: more than 32 bits");
        }
    }

    /// Neighbours have hashes far apart: immutable sets probe in line, and ranges of addresses
    /// would be runs of thousands in them.
    @Override
    public int hashCode() {
        // 2^64 over the golden ratio
        return (int) (((high * 31 + low + family.bits()) * 0x9E37_79B9_7F4A_7C15L) >>> 32);
    }

    /// The unspecified address of a family.
    public static IpAddress any(IpFamily family) {
        return switch (family) {
            case IPV4 -> ANY_IPV4;
            case IPV6 -> ANY_IPV6;
        };
    }

    /// An IPv4 address from its 32 bits in network order.
    public static IpAddress ofIpv4(int bits) {
        return new IpAddress(IpFamily.IPV4, 0, Integer.toUnsignedLong(bits));
    }

    /// An IPv6 address from its halves in network order.
    public static IpAddress ofIpv6(long high, long low) {
        return new IpAddress(IpFamily.IPV6, high, low);
    }

    /// From 4 or 16 bytes in network order.
    public static IpAddress ofBytes(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return switch (bytes.length) {
            case 4 -> ofIpv4(buffer.getInt());
            case 16 -> ofIpv6(buffer.getLong(), buffer.getLong());
            default ->
                    throw new IllegalArgumentException(
                            "an address has 4 or 16 bytes, not " + bytes.length);
        };
    }

    /// The address of a JDK object; a scope is dropped.
    public static IpAddress of(InetAddress address) {
        return ofBytes(address.getAddress());
    }

    /// Reads a literal; never asks a resolver.
    ///
    /// IPv4 octets may have leading zeros and are decimal whatever those zeros suggest (SEMANTICS
    /// A2.14): `172.30.0.041` is `172.30.0.41`.
    ///
    /// @throws IllegalArgumentException when `text` is not an address
    public static IpAddress parse(String text) {
        if (text.indexOf(':') >= 0) {
            return parseIpv6(text);
        }
        return ofIpv4(parseIpv4(text));
    }

    private static int parseIpv4(String text) {
        String[] octets = text.split("\\.", -1);
        if (octets.length != IPV4_OCTETS) {
            throw notAnAddress(text);
        }
        int bits = 0;
        for (String octet : octets) {
            bits = bits << 8 | parseOctet(octet, text);
        }
        return bits;
    }

    private static int parseOctet(String octet, String text) {
        int value = 0;
        for (int i = 0; i < octet.length(); i++) {
            int digit = octet.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw notAnAddress(text);
            }
            value = value * 10 + digit;
            if (value > 255) {
                throw notAnAddress(text);
            }
        }
        if (octet.isEmpty()) {
            throw notAnAddress(text);
        }
        return value;
    }

    private static IpAddress parseIpv6(String text) {
        // Scopes and brackets are legal in the JDK's literals and meaningless here.
        if (text.indexOf('%') >= 0 || text.indexOf('[') >= 0) {
            throw notAnAddress(text);
        }
        try {
            byte[] bytes = Inet6Address.ofLiteral(text).getAddress();
            // The JDK turns IPv4-mapped literals into Inet4Address.
            return bytes.length == 4
                    ? ofIpv6(
                            0,
                            0xffff_0000_0000L
                                    | Integer.toUnsignedLong(ByteBuffer.wrap(bytes).getInt()))
                    : ofBytes(bytes);
        } catch (IllegalArgumentException _) {
            throw notAnAddress(text);
        }
    }

    private static IllegalArgumentException notAnAddress(String text) {
        return new IllegalArgumentException("'" + text + "' is not an IP address");
    }

    public boolean isAny() {
        return high == 0 && low == 0;
    }

    /// 127.0.0.0/8 or ::1.
    public boolean isLoopback() {
        return switch (family) {
            case IPV4 -> low >>> 24 == 127;
            case IPV6 -> high == 0 && low == 1;
        };
    }

    /// 4 or 16 bytes in network order.
    public byte[] toBytes() {
        return switch (family) {
            case IPV4 -> ByteBuffer.allocate(4).putInt((int) low).array();
            case IPV6 -> ByteBuffer.allocate(16).putLong(high).putLong(low).array();
        };
    }

    /// The JDK's object for this address; an IPv4-mapped address stays IPv6.
    public InetAddress toInetAddress() {
        try {
            return switch (family) {
                case IPV4 -> Inet4Address.getByAddress(toBytes());
                case IPV6 -> Inet6Address.getByAddress(null, toBytes(), -1);
            };
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are always an address", e);
        }
    }

    @Override
    public int compareTo(IpAddress other) {
        int byFamily = family.compareTo(other.family);
        if (byFamily != 0) {
            return byFamily;
        }
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /// Dotted decimal, or the canonical text of RFC 5952.
    @Override
    public String toString() {
        return switch (family) {
            case IPV4 ->
                    (low >>> 24)
                            + "."
                            + (low >>> 16 & 0xff)
                            + "."
                            + (low >>> 8 & 0xff)
                            + "."
                            + (low & 0xff);
            case IPV6 -> ipv6Text();
        };
    }

    private String ipv6Text() {
        if (high == 0 && low >>> 32 == 0xffff) {
            return "::ffff:" + ofIpv4((int) low);
        }
        int longestStart = -1;
        int longestLength = 1; // RFC 5952, 4.2.2: one group of zeros is never shortened
        for (int i = 0; i < IPV6_GROUPS; i++) {
            int length = 0;
            while (i + length < IPV6_GROUPS && group(i + length) == 0) {
                length++;
            }
            if (length > longestLength) {
                longestStart = i;
                longestLength = length;
            }
            i += length;
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < IPV6_GROUPS; i++) {
            if (i == longestStart) {
                text.append("::");
                i += longestLength - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(group(i)));
        }
        return text.toString();
    }

    private int group(int index) {
        long half = index < 4 ? high : low;
        return (int) (half >>> (16 * (3 - index % 4))) & 0xffff;
    }
}
