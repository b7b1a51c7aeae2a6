package io.fairlead.k8s;

import io.fairlead.core.PlaneOptions;
import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.service.Balancing;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.sync.Placement;

/// An agent's options as its parts take them, once it is known how clients are made to arrive.
///
/// @param mode what stands in place of the one that the options ask for
record PartOptions(AgentOptions agent, CaptureMode mode) {

    /// Manifests whose ClusterIPs are all on loopback need no more than that, and leave the machine
    /// as it is.
    static PartOptions of(AgentOptions agent, FirstState states) throws AgentException {
        CaptureMode asked = agent.capture().mode();
        if (asked != CaptureMode.AUTO || !agent.source().isLocal()) {
            return new PartOptions(agent, asked);
        }
        try {
            return new PartOptions(agent, states.isOnLoopback() ? CaptureMode.LOOPBACK : asked);
        } catch (InterruptedException e) {
            throw new AgentException("cannot start: interrupted", e);
        }
    }

    PlaneOptions plane() {
        PlaneOptions plane =
                mode == CaptureMode.LOOPBACK
                        ? PlaneOptions.loopback(agent.threads())
                        : PlaneOptions.node(agent.threads());
        return plane.withCapture(mode)
                .withUdp(agent.udp())
                .withTcp(agent.flows().tcp())
                .withLoops(agent.loops())
                .withAffinityClients(agent.flows().affinityClients())
                .withConnect(agent.connect(), agent.ejection())
                .withKeepClientAddress(
                        mode != CaptureMode.LOOPBACK && agent.capture().keepClientAddress());
    }

    Placement placement() {
        return mode == CaptureMode.LOOPBACK
                ? LoopbackPlacement.ofThisMachine()
                : new NodePlacement(
                        agent.capture(), agent.status().ports(), agent.serviceProxyName() == null);
    }

    LocalOptions local() {
        // With listeners on loopback alone, nobody but this machine can reach what is served; but
        // the objects of an API server are others' to write.
        return LocalOptions.forNode(agent.nodeName())
                .withDefaultBalancing(Balancing.of(agent.balance()))
                .withAllowLoopbackBackends(agent.source().isLocal() && mode == CaptureMode.LOOPBACK)
                .withServiceProxyName(agent.serviceProxyName())
                .withExternalIps(agent.capture().externalIps())
                .withFlows(agent.flows().rules());
    }
}
