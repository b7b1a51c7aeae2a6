package io.fairlead.core.capture;

import io.fairlead.core.host.HostConflicts;
import io.fairlead.core.host.HostProgram;
import io.fairlead.core.service.Cidr;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Looks again and again for what is in the way of VIP traffic on this node. Control thread only.
final class HostWatch {

    /// A look runs three programs and more. Where it takes long, as beside thousands of rules that
    /// a kube-proxy has left, it is taken each fourth time only: every two minutes.
    private static final long LONG_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final int RECHECKS_BETWEEN = 4;

    private final HostConflicts conflicts = new HostConflicts(HostProgram.ip(), HostProgram.nft());
    private List<String> findings = List.of();
    private int skip;

    /// Looks.
    ///
    /// @param vips the prefixes that must get in
    void look(Set<Cidr> vips) {
        long began = System.nanoTime();
        findings = conflicts.find(vips).stream().map(HostConflicts.Finding::toString).toList();
        skip = System.nanoTime() - began > LONG_NS ? RECHECKS_BETWEEN - 1 : 0;
    }

    /// Looks, unless that takes long and was done lately; every 30 s.
    void lookAgain(Set<Cidr> vips) {
        if (skip > 0) {
            skip--;
        } else if (!vips.isEmpty()) {
            look(vips);
        }
    }

    /// One line each, with a remedy.
    List<String> findings() {
        return findings;
    }
}
