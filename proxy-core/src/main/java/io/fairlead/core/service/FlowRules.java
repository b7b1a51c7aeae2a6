package io.fairlead.core.service;

/// How the TCP flows of a service port live, and how many there may be on one node.
///
/// Seconds and counts; [#OFF] where nothing is asked for.
///
/// @param drainSeconds how long flows go on with a backend that is gone or terminates, before they
///   are reset
/// @param slowStartSeconds how long a backend that turned ready takes to get its full share
/// @param maxAgeSeconds how old a flow may become before it is reset
/// @param idleSeconds how long a flow may carry nothing before it is reset
/// @param maxFlows live flows of the service port
/// @param maxFlowsPerClient live flows of the service port that one client address has
/// @param flowRatePerClient new flows per second of the service port that one client address may
///   open, and as many at once
/// @param proxyVersion 1 or 2: of the PROXY protocol, by which backends are told who the client is
public record FlowRules(
        int drainSeconds,
        int slowStartSeconds,
        int maxAgeSeconds,
        int idleSeconds,
        int maxFlows,
        int maxFlowsPerClient,
        int flowRatePerClient,
        int proxyVersion) {

    /// No such rule.
    public static final int OFF = -1;

    /// As kube-proxy: flows are left alone, and there may be any number of them.
    public static final FlowRules NONE = new FlowRules(OFF, OFF, OFF, OFF, OFF, OFF, OFF, OFF);

    public FlowRules {
        check("drainSeconds", drainSeconds, 0);
        check("slowStartSeconds", slowStartSeconds, 1);
        check("maxAgeSeconds", maxAgeSeconds, 1);
        check("idleSeconds", idleSeconds, 1);
        check("maxFlows", maxFlows, 1);
        check("maxFlowsPerClient", maxFlowsPerClient, 1);
        check("flowRatePerClient", flowRatePerClient, 1);
        if (proxyVersion != OFF && proxyVersion != 1 && proxyVersion != 2) {
            throw new IllegalArgumentException("proxyVersion: " + proxyVersion + " is not 1 or 2");
        }
    }

    private static void check(String name, int value, int least) {
        if (value != OFF && value < least) {
            throw new IllegalArgumentException(name + ": " + value + " is not at least " + least);
        }
    }

    /// Whether clients are to be told apart and counted.
    public boolean limitsClients() {
        return maxFlowsPerClient != OFF || flowRatePerClient != OFF;
    }

    public FlowRules withDrainSeconds(int seconds) {
        return new FlowRules(
                seconds,
                slowStartSeconds,
                maxAgeSeconds,
                idleSeconds,
                maxFlows,
                maxFlowsPerClient,
                flowRatePerClient,
                proxyVersion);
    }

    public FlowRules withSlowStartSeconds(int seconds) {
        return new FlowRules(
                drainSeconds,
                seconds,
                maxAgeSeconds,
                idleSeconds,
                maxFlows,
                maxFlowsPerClient,
                flowRatePerClient,
                proxyVersion);
    }

    public FlowRules withMaxAgeSeconds(int seconds) {
        return new FlowRules(
                drainSeconds,
                slowStartSeconds,
                seconds,
                idleSeconds,
                maxFlows,
                maxFlowsPerClient,
                flowRatePerClient,
                proxyVersion);
    }

    public FlowRules withIdleSeconds(int seconds) {
        return new FlowRules(
                drainSeconds,
                slowStartSeconds,
                maxAgeSeconds,
                seconds,
                maxFlows,
                maxFlowsPerClient,
                flowRatePerClient,
                proxyVersion);
    }

    public FlowRules withMaxFlows(int count) {
        return new FlowRules(
                drainSeconds,
                slowStartSeconds,
                maxAgeSeconds,
                idleSeconds,
                count,
                maxFlowsPerClient,
                flowRatePerClient,
                proxyVersion);
    }

    public FlowRules withMaxFlowsPerClient(int count) {
        return new FlowRules(
                drainSeconds,
                slowStartSeconds,
                maxAgeSeconds,
                idleSeconds,
                maxFlows,
                count,
                flowRatePerClient,
                proxyVersion);
    }

    public FlowRules withFlowRatePerClient(int perSecond) {
        return new FlowRules(
                drainSeconds,
                slowStartSeconds,
                maxAgeSeconds,
                idleSeconds,
                maxFlows,
                maxFlowsPerClient,
                perSecond,
                proxyVersion);
    }

    public FlowRules withProxyVersion(int version) {
        return new FlowRules(
                drainSeconds,
                slowStartSeconds,
                maxAgeSeconds,
                idleSeconds,
                maxFlows,
                maxFlowsPerClient,
                flowRatePerClient,
                version);
    }
}
