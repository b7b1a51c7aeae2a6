package io.fairlead.core.service;

/// A range of addresses of one family that share their first `prefix` bits.
///
/// Bits after the prefix are cleared, so equal ranges are equal values.
public record Cidr(IpAddress address, int prefix) implements Comparable<Cidr> {

    public Cidr {
        if (prefix < 0 || prefix > address.family().bits()) {
            throw new IllegalArgumentException(
                    "prefix length " + prefix + " is not within 0 and " + address.family().bits());
        }
        address =
                switch (address.family()) {
                    case IPV4 -> new IpAddress(IpFamily.IPV4, 0, address.low() & mask(prefix + 32));
                    case IPV6 ->
                            new IpAddress(
                                    IpFamily.IPV6,
                                    address.high() & mask(prefix),
                                    address.low() & mask(prefix - 64));
                };
    }

    /// Reads `ADDRESS/PREFIX`; leading zeros are decimal, as in [IpAddress#parse].
    ///
    /// @throws IllegalArgumentException when `text` is not a range
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String length = text.substring(slash + 1);
        if (slash < 0
                || length.isEmpty()
                || length.length() > 4
                || !length.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("'" + text + "' is not ADDRESS/PREFIX");
        }
        return new Cidr(IpAddress.parse(text.substring(0, slash)), Integer.parseInt(length));
    }

    public IpFamily family() {
        return address.family();
    }

    public boolean contains(IpAddress other) {
        return switch (address.family()) {
            case IPV4 ->
                    other.family() == IpFamily.IPV4
                            && (other.low() & mask(prefix + 32)) == address.low();
            case IPV6 ->
                    other.family() == IpFamily.IPV6
                            && (other.high() & mask(prefix)) == address.high()
                            && (other.low() & mask(prefix - 64)) == address.low();
        };
    }

    /// The first `bits` bits of a long set; none below 0, all above 64.
    private static long mask(int bits) {
        if (bits <= 0) {
            return 0;
        }
        return bits >= 64 ? -1 : -1L << (64 - bits);
    }

    @Override
    public int compareTo(Cidr other) {
        int byAddress = address.compareTo(other.address);
        return byAddress != 0 ? byAddress : Integer.compare(prefix, other.prefix);
    }

    @Override
    public String toString() {
        return address + "/" + prefix;
    }
}
