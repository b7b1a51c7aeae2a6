package io.fairlead.core.service;

import java.util.function.Consumer;

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

    /// Rules while they are being changed. One owner; not safe for threads.
    private static final class Draft {
        int drainSeconds;
        int slowStartSeconds;
        int maxAgeSeconds;
        int idleSeconds;
        int maxFlows;
        int maxFlowsPerClient;
        int flowRatePerClient;
        int proxyVersion;

        Draft(FlowRules from) {
            drainSeconds = from.drainSeconds;
            slowStartSeconds = from.slowStartSeconds;
            maxAgeSeconds = from.maxAgeSeconds;
            idleSeconds = from.idleSeconds;
            maxFlows = from.maxFlows;
            maxFlowsPerClient = from.maxFlowsPerClient;
            flowRatePerClient = from.flowRatePerClient;
            proxyVersion = from.proxyVersion;
        }

        FlowRules done() {
            return new FlowRules(
                    drainSeconds,
                    slowStartSeconds,
                    maxAgeSeconds,
                    idleSeconds,
                    maxFlows,
                    maxFlowsPerClient,
                    flowRatePerClient,
                    proxyVersion);
        }
    }

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

    private FlowRules with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.done();
    }

    public FlowRules withDrainSeconds(int seconds) {
        return with(d -> d.drainSeconds = seconds);
    }

    public FlowRules withSlowStartSeconds(int seconds) {
        return with(d -> d.slowStartSeconds = seconds);
    }

    public FlowRules withMaxAgeSeconds(int seconds) {
        return with(d -> d.maxAgeSeconds = seconds);
    }

    public FlowRules withIdleSeconds(int seconds) {
        return with(d -> d.idleSeconds = seconds);
    }

    public FlowRules withMaxFlows(int count) {
        return with(d -> d.maxFlows = count);
    }

    public FlowRules withMaxFlowsPerClient(int count) {
        return with(d -> d.maxFlowsPerClient = count);
    }

    public FlowRules withFlowRatePerClient(int perSecond) {
        return with(d -> d.flowRatePerClient = perSecond);
    }

    public FlowRules withProxyVersion(int version) {
        return with(d -> d.proxyVersion = version);
    }
}
