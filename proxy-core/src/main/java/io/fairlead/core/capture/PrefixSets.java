package io.fairlead.core.capture;

import io.fairlead.core.bpf.BpfException;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpFamily;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sets of prefixes in the kernel that there is one of for each family: VIPs, pods and the
/// node. Control thread only.
final class PrefixSets {

    private static final Logger LOG = LoggerFactory.getLogger(PrefixSets.class);

    private final LookupMaps maps;
    private final Map<Integer, Set<Cidr>> inKernel = new HashMap<>();

    PrefixSets(LookupMaps maps) {
        this.maps = maps;
    }

    /// Brings a set up to date, in both families.
    ///
    /// @param set that of IPv4
    void replace(int set, Collection<Cidr> wanted) {
        for (IpFamily family : IpFamily.values()) {
            Set<Cidr> some = new HashSet<>();
            wanted.stream().filter(c -> c.family() == family).forEach(some::add);
            replaceOne(LookupMaps.ofFamily(set, family), some);
        }
    }

    private void replaceOne(int set, Set<Cidr> wanted) {
        Set<Cidr> before = inKernel.getOrDefault(set, Set.of());
        try {
            for (Cidr cidr : wanted) {
                if (!before.contains(cidr)) {
                    maps.put(set, cidr);
                }
            }
            for (Cidr cidr : before) {
                if (!wanted.contains(cidr)) {
                    maps.remove(set, cidr);
                }
            }
            inKernel.put(set, wanted);
        } catch (BpfException e) {
            LOG.error("ranges are not up to date in the kernel: {}", e.getMessage());
        }
    }
}
