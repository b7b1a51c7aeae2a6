package io.fairlead.k8s.local;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.SpecialAddress;
import io.fairlead.k8s.cluster.Endpoint;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.cluster.ProblemList;
import io.fairlead.k8s.cluster.SlicePort;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The endpoints of one Service that may be dialled, slice by slice (SEMANTICS A3).
final class SliceEndpoints {
    private record Slice(EndpointSliceSpec spec, List<Endpoint> endpoints) {}

    private final ThisNode node;
    private final List<Slice> slices;

    private SliceEndpoints(ThisNode node, List<Slice> slices) {
        this.node = node;
        this.slices = slices;
    }

    /// Of `slices` in their order, which is by name; refused addresses go to `problems`.
    static SliceEndpoints of(
            List<EndpointSliceSpec> slices,
            ThisNode node,
            boolean loopbackAllowed,
            ProblemList problems) {
        List<Slice> usable = new ArrayList<>(slices.size());
        for (EndpointSliceSpec slice : slices) {
            List<Endpoint> endpoints = new ArrayList<>(slice.endpoints().size());
            for (Endpoint endpoint : slice.endpoints()) {
                SpecialAddress refusal =
                        BackendAddressRule.refusal(endpoint.address(), loopbackAllowed);
                if (refusal == null) {
                    endpoints.add(endpoint);
                } else {
                    problems.add(
                            slice.key(),
                            "endpoints[" + endpoint.index() + "].addresses[0]",
                            Problem.quote(endpoint.address().toString())
                                    + " is "
                                    + refusal
                                    + ", which may not be a backend; the endpoint is not used,"
                                    + " give it an address of its own");
                }
            }
            usable.add(new Slice(slice, endpoints));
        }
        return new SliceEndpoints(node, usable);
    }

    /// The endpoints of one service port, sorted and each once.
    ///
    /// The first of a name stays unless a later one is not terminating: a running pod that was
    /// given the address of a terminating one wins, in whichever slice it stands (SEMANTICS A3.8).
    List<Candidate> candidates(String portName, Protocol protocol, IpFamily family) {
        Map<AddressPort, Candidate> found = new TreeMap<>();
        for (Slice slice : slices) {
            for (SlicePort port : slice.spec.ports()) {
                if (slice.spec.family() == family
                        && port.protocol() == protocol
                        && port.name().equals(portName)) {
                    collect(slice, port.port(), found);
                }
            }
        }
        return List.copyOf(found.values());
    }

    private void collect(Slice slice, int port, Map<AddressPort, Candidate> found) {
        int weight = slice.spec.traits().weight();
        for (Endpoint endpoint : slice.endpoints) {
            AddressPort at = new AddressPort(endpoint.address(), port);
            if (!endpoint.conditions().isTerminating() || !found.containsKey(at)) {
                boolean local = node.is(endpoint.nodeName());
                found.put(at, new Candidate(at, weight, local, endpoint));
            }
        }
    }

    /// How many addresses have a ready endpoint on this node, whatever its port (SEMANTICS A12a).
    int localReadyAddresses(IpFamily family) {
        Set<IpAddress> addresses = new HashSet<>();
        for (Slice slice : slices) {
            if (slice.spec.family() == family && !slice.spec.ports().isEmpty()) {
                slice.endpoints.stream()
                        .filter(e -> e.conditions().isReady() && node.is(e.nodeName()))
                        .forEach(e -> addresses.add(e.address()));
            }
        }
        return addresses.size();
    }
}
