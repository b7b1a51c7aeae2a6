package io.fairlead.core.capture;

import io.fairlead.core.host.HostConflicts;
import io.fairlead.core.host.HostProgram;
import io.fairlead.core.service.Cidr;
import java.util.List;
import java.util.Set;

/// Looks again and again for what is in the way of VIP traffic on this node. Control thread only.
final class HostWatch {

    /// A look runs three programs and more: every two minutes, where repairs are every half.
    private static final int RECHECKS_BETWEEN = 4;

    private final HostConflicts conflicts = new HostConflicts(HostProgram.ip(), HostProgram.nft());
    private List<String> findings = List.of();
    private int rechecks;

    /// Looks.
    ///
    /// @param vips the prefixes that must get in
    void look(Set<Cidr> vips) {
        findings = conflicts.find(vips).stream().map(HostConflicts.Finding::toString).toList();
    }

    /// Looks, each fourth time.
    void lookAgain(Set<Cidr> vips) {
        if (++rechecks % RECHECKS_BETWEEN == 0 && !vips.isEmpty()) {
            look(vips);
        }
    }

    /// One line each, with a remedy.
    List<String> findings() {
        return findings;
    }
}
