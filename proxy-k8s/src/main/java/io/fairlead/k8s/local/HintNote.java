package io.fairlead.k8s.local;

import io.fairlead.core.service.ServicePortName;

/// Why the topology hints of a service port are not followed (SEMANTICS A4.14); not a problem, but
/// what an operator wants to know who wonders about traffic between zones.
public record HintNote(ServicePortName port, String reason) implements Comparable<HintNote> {

    @Override
    public int compareTo(HintNote other) {
        int byPort = port.compareTo(other.port);
        return byPort != 0 ? byPort : reason.compareTo(other.reason);
    }
}
