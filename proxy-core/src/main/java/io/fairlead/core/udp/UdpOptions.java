package io.fairlead.core.udp;

import java.time.Duration;
import java.util.Set;

/// How long flows of datagrams last, and how many there may be.
///
/// @param unrepliedTimeout how long a flow lives after its last datagram while no backend has
///   answered; as the kernel's NAT has it (SEMANTICS A11.1)
/// @param repliedTimeout the same once one has
/// @param maxFlows of the data plane, each of which takes a descriptor; beyond it the one that was
///   silent longest ends
/// @param maxFlowsPerClient of one client address
/// @param questionPorts ports of VIPs where every question has one answer: a flow there ends with
///   it
public record UdpOptions(
        Duration unrepliedTimeout,
        Duration repliedTimeout,
        int maxFlows,
        int maxFlowsPerClient,
        Set<Integer> questionPorts) {

    /// DNS.
    private static final int DNS = 53;

    public static final UdpOptions DEFAULT =
            new UdpOptions(
                    Duration.ofSeconds(30), Duration.ofSeconds(120), 32_768, 8_192, Set.of(DNS));

    public UdpOptions {
        if (maxFlows < 1 || maxFlowsPerClient < 1) {
            throw new IllegalArgumentException("fewer than one flow");
        }
        questionPorts = Set.copyOf(questionPorts);
    }

    public UdpOptions withLimits(int flows, int perClient) {
        return new UdpOptions(unrepliedTimeout, repliedTimeout, flows, perClient, questionPorts);
    }

    /// These, but so few flows that the other half of the descriptors is left for everything else.
    UdpOptions within(long descriptors) {
        int most = Math.clamp(descriptors / 2, 1, maxFlows);
        return withLimits(most, Math.min(maxFlowsPerClient, most));
    }

    /// One event loop's share; the kernel spreads the sockets of a client over the loops.
    UdpOptions share(int loops) {
        return withLimits(Math.max(1, maxFlows / loops), Math.max(1, maxFlowsPerClient / loops));
    }

    public UdpOptions withQuestionPorts(Set<Integer> ports) {
        return new UdpOptions(unrepliedTimeout, repliedTimeout, maxFlows, maxFlowsPerClient, ports);
    }

    public UdpOptions withTimeouts(Duration unreplied, Duration replied) {
        return new UdpOptions(unreplied, replied, maxFlows, maxFlowsPerClient, questionPorts);
    }
}
