package io.fairlead.k8s.cluster;

import io.fairlead.core.service.FlowRules;
import java.util.function.BiFunction;
import java.util.function.ToIntFunction;

/// One of the [FlowRules], as a Service asks for it by annotation.
public enum FlowSetting {
    DRAIN(
            "drain-seconds",
            Bounds.of(0, 86_400),
            FlowRules::drainSeconds,
            FlowRules::withDrainSeconds,
            "a drain time",
            60),
    SLOW_START(
            "slow-start-seconds",
            Bounds.of(1, 3_600),
            FlowRules::slowStartSeconds,
            FlowRules::withSlowStartSeconds,
            "a time of slow start",
            30),
    MAX_AGE(
            "max-connection-age-seconds",
            Bounds.of(1, 31_536_000),
            FlowRules::maxAgeSeconds,
            FlowRules::withMaxAgeSeconds,
            "an age",
            3_600),
    IDLE(
            "idle-timeout-seconds",
            Bounds.of(1, 31_536_000),
            FlowRules::idleSeconds,
            FlowRules::withIdleSeconds,
            "an idle time",
            600),
    MAX_FLOWS(
            "max-connections",
            Bounds.COUNT,
            FlowRules::maxFlows,
            FlowRules::withMaxFlows,
            "a number of connections",
            1_000),
    MAX_FLOWS_PER_CLIENT(
            "max-connections-per-client",
            Bounds.COUNT,
            FlowRules::maxFlowsPerClient,
            FlowRules::withMaxFlowsPerClient,
            "a number of connections",
            100),
    FLOW_RATE_PER_CLIENT(
            "connection-rate-per-client",
            Bounds.COUNT,
            FlowRules::flowRatePerClient,
            FlowRules::withFlowRatePerClient,
            "a number of connections per second",
            100);

    /// What switches a rule off that the configuration has by default.
    public static final String OFF_WORD = "off";

    /// What a value is within.
    public record Bounds(int least, int most) {

        static final Bounds COUNT = new Bounds(1, 1_000_000);

        static Bounds of(int least, int most) {
            return new Bounds(least, most);
        }

        public boolean contain(int value) {
            return value >= least && value <= most;
        }
    }

    private final String annotation;
    private final Bounds bounds;
    private final ToIntFunction<FlowRules> get;
    private final BiFunction<FlowRules, Integer, FlowRules> set;
    private final String meaning;
    private final int example;

    FlowSetting(
            String word,
            Bounds bounds,
            ToIntFunction<FlowRules> get,
            BiFunction<FlowRules, Integer, FlowRules> set,
            String meaning,
            int example) {
        this.annotation = "fairlead.io/" + word;
        this.bounds = bounds;
        this.get = get;
        this.set = set;
        this.meaning = meaning;
        this.example = example;
    }

    /// Such as `fairlead.io/drain-seconds`.
    public String annotation() {
        return annotation;
    }

    public Bounds bounds() {
        return bounds;
    }

    /// This one of the rules.
    public int get(FlowRules rules) {
        return get.applyAsInt(rules);
    }

    /// The rules with this one.
    public FlowRules set(FlowRules rules, int value) {
        return set.apply(rules, value);
    }

    /// What is wrong with a value and what would be right, to follow the value.
    public String remedy() {
        return " is not %s from %d to %d; the default is used instead, write one such as %d, or %s"
                .formatted(meaning, bounds.least, bounds.most, example, OFF_WORD);
    }
}
