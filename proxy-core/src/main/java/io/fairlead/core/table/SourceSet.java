package io.fairlead.core.table;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpFamily;
import java.util.Collection;
import java.util.List;

/// A set of source ranges, tested against a client's bits without allocating.
///
/// Tested one by one: sets have a handful of ranges. Immutable.
public final class SourceSet {

    /// Contains nothing.
    public static final SourceSet EMPTY = new SourceSet(List.of());

    private static final int LONGS_PER_RANGE = 4;

    // Range i: high, low, mask of high, mask of low.
    private final long[] ranges;
    private final IpFamily[] families;

    private SourceSet(Collection<Cidr> cidrs) {
        ranges = new long[cidrs.size() * LONGS_PER_RANGE];
        families = new IpFamily[cidrs.size()];
        int i = 0;
        for (Cidr cidr : cidrs) {
            int bits = cidr.family() == IpFamily.IPV4 ? cidr.prefix() + 96 : cidr.prefix();
            families[i] = cidr.family();
            ranges[i * LONGS_PER_RANGE] = cidr.address().high();
            ranges[i * LONGS_PER_RANGE + 1] = cidr.address().low();
            // The high half of an IPv4 address is zero, so a full mask there does no harm.
            ranges[i * LONGS_PER_RANGE + 2] = mask(Math.min(bits, 64));
            ranges[i * LONGS_PER_RANGE + 3] = mask(bits - 64);
            i++;
        }
    }

    public static SourceSet of(Collection<Cidr> cidrs) {
        return cidrs.isEmpty() ? EMPTY : new SourceSet(cidrs);
    }

    private static long mask(int bits) {
        return bits <= 0 ? 0 : -1L << (64 - bits);
    }

    /// Whether a source is inside one of the ranges.
    public boolean contains(IpFamily family, long high, long low) {
        for (int i = 0; i < families.length; i++) {
            int at = i * LONGS_PER_RANGE;
            if (families[i] == family
                    && (high & ranges[at + 2]) == ranges[at]
                    && (low & ranges[at + 3]) == ranges[at + 1]) {
                return true;
            }
        }
        return false;
    }

    /// Whether no range is of that family.
    public boolean isEmpty(IpFamily family) {
        for (IpFamily other : families) {
            if (other == family) {
                return false;
            }
        }
        return true;
    }

    /// Whether a source may pass: no range at all means no restriction (SEMANTICS A8.6).
    public boolean allows(IpFamily family, long high, long low) {
        return families.length == 0 || contains(family, high, low);
    }
}
