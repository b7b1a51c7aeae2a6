package io.fairlead.k8s.cluster;

import io.fairlead.core.service.FlowRules;

/// One of the [FlowRules], as a Service asks for it by annotation.
public enum FlowSetting {
    DRAIN("drain-seconds", 0, 86_400, "a drain time", 60),
    SLOW_START("slow-start-seconds", 1, 3_600, "a time of slow start", 30),
    MAX_AGE("max-connection-age-seconds", 1, 31_536_000, "an age", 3_600),
    IDLE("idle-timeout-seconds", 1, 31_536_000, "an idle time", 600),
    MAX_FLOWS("max-connections", 1, 1_000_000, "a number of connections", 1_000),
    MAX_FLOWS_PER_CLIENT(
            "max-connections-per-client", 1, 1_000_000, "a number of connections", 100),
    FLOW_RATE_PER_CLIENT(
            "connection-rate-per-client", 1, 1_000_000, "a number of connections per second", 100),
    /// Its values are `v1` and `v2`.
    PROXY_PROTOCOL("proxy-protocol", 1, 2, "a version of the PROXY protocol", 2);

    /// What switches a rule off that the configuration has by default.
    public static final String OFF_WORD = "off";

    private final String annotation;
    private final int least;
    private final int most;
    private final String meaning;
    private final int example;

    FlowSetting(String word, int least, int most, String meaning, int example) {
        this.annotation = "fairlead.io/" + word;
        this.least = least;
        this.most = most;
        this.meaning = meaning;
        this.example = example;
    }

    /// Such as `fairlead.io/drain-seconds`.
    public String annotation() {
        return annotation;
    }

    public int least() {
        return least;
    }

    public int most() {
        return most;
    }

    public boolean allows(int value) {
        return value >= least && value <= most;
    }

    /// This one of the rules.
    public int get(FlowRules rules) {
        return switch (this) {
            case DRAIN -> rules.drainSeconds();
            case SLOW_START -> rules.slowStartSeconds();
            case MAX_AGE -> rules.maxAgeSeconds();
            case IDLE -> rules.idleSeconds();
            case MAX_FLOWS -> rules.maxFlows();
            case MAX_FLOWS_PER_CLIENT -> rules.maxFlowsPerClient();
            case FLOW_RATE_PER_CLIENT -> rules.flowRatePerClient();
            case PROXY_PROTOCOL -> rules.proxyVersion();
        };
    }

    /// The rules with this one.
    public FlowRules set(FlowRules rules, int value) {
        return switch (this) {
            case DRAIN -> rules.withDrainSeconds(value);
            case SLOW_START -> rules.withSlowStartSeconds(value);
            case MAX_AGE -> rules.withMaxAgeSeconds(value);
            case IDLE -> rules.withIdleSeconds(value);
            case MAX_FLOWS -> rules.withMaxFlows(value);
            case MAX_FLOWS_PER_CLIENT -> rules.withMaxFlowsPerClient(value);
            case FLOW_RATE_PER_CLIENT -> rules.withFlowRatePerClient(value);
            case PROXY_PROTOCOL -> rules.withProxyVersion(value);
        };
    }

    /// What is wrong with a value and what would be right, to follow the value.
    public String remedy() {
        if (this == PROXY_PROTOCOL) {
            return " is not "
                    + meaning
                    + "; endpoints are not told who the client is, write v1, v2 or "
                    + OFF_WORD;
        }
        return " is not %s from %d to %d; the default is used instead, write one such as %d, or %s"
                .formatted(meaning, least, most, example, OFF_WORD);
    }
}
