package io.fairlead.k8s.local;

import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.Vip;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What this node does with one Service, contention with others settled.
record LocalService(
        List<ServicePort> ports,
        List<HealthCheckNodePort> healthChecks,
        List<HintNote> hintNotes,
        List<Problem> problems) {

    /// Settles `draft` by the claims of everybody.
    ///
    /// Ports that come out as they were are the objects of `before`, so that the data plane can
    /// tell by identity what changed.
    static LocalService settle(
            ServiceDraft draft, ClaimIndex claims, @Nullable LocalService before) {
        List<ServicePort> ports = new ArrayList<>();
        List<HintNote> notes = new ArrayList<>();
        List<Problem> conflicts = new ArrayList<>();
        for (PortDraft port : draft.ports()) {
            ServicePort settled = port.with(granted(port, claims, conflicts));
            if (settled != null) {
                ports.add(before == null ? settled : before.reuse(settled));
            }
            if (port.sets().hintsIgnored() != null) {
                notes.add(new HintNote(port.name(), port.sets().hintsIgnored()));
            }
        }
        List<Problem> problems =
                Stream.concat(draft.problems().stream(), conflicts.stream())
                        .sorted()
                        .distinct()
                        .toList();
        return new LocalService(ports, draft.healthChecks(), notes, problems);
    }

    /// Says nothing beyond its ports.
    boolean isPlain() {
        return healthChecks.isEmpty() && hintNotes.isEmpty() && problems.isEmpty();
    }

    private ServicePort reuse(ServicePort settled) {
        for (ServicePort port : ports) {
            if (port.equals(settled)) {
                return port;
            }
        }
        return settled;
    }

    private static List<Vip> granted(PortDraft port, ClaimIndex claims, List<Problem> conflicts) {
        List<Vip> granted = new ArrayList<>();
        for (Claim claim : port.claims()) {
            Claim holder = claims.holder(claim.key());
            if (holder.equals(claim)) {
                granted.add(claim.vip());
            } else {
                conflicts.add(conflict(claim, holder));
            }
        }
        return granted;
    }

    private static Problem conflict(Claim claim, Claim holder) {
        ServicePortName loser = claim.claimant();
        ObjectKey service =
                new ObjectKey(
                        ObjectKey.Kind.SERVICE, new ObjectName(loser.namespace(), loser.service()));
        boolean own = holder.isOfService(loser);
        boolean byPort = own && claim.vip().kind() != Vip.Kind.NODE_PORT;
        String field = byPort ? "spec.ports[" + claim.portIndex() + "].port" : claim.field();
        String of =
                own
                        ? "port '" + holder.claimant().port() + "' of the same Service"
                        : "Service " + holder.claimant().qualifiedService();
        return Problem.of(
                service,
                field,
                claim.describe()
                        + " belongs to "
                        + of
                        + ", which was there first; it is not served here, choose another");
    }
}
