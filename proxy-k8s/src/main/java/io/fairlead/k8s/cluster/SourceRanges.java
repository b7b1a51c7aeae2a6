package io.fairlead.k8s.cluster;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpFamily;
import java.util.List;

/// `spec.loadBalancerSourceRanges`: clients that may use load-balancer addresses.
///
/// @param unreadable whether some range could not be read, which must not widen access
public record SourceRanges(List<Cidr> ranges, boolean unreadable) {

    /// No range given: everybody may.
    public static final SourceRanges ALL = new SourceRanges(List.of(), false);

    public SourceRanges {
        ranges = List.copyOf(ranges);
    }

    /// The ranges of a family; empty leaves the family unrestricted (SEMANTICS A8.6).
    public List<Cidr> of(IpFamily family) {
        return ranges.stream().filter(r -> r.family() == family).toList();
    }
}
