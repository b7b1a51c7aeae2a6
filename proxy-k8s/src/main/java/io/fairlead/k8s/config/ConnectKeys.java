package io.fairlead.k8s.config;

import static io.fairlead.k8s.config.ConfigKey.key;

import io.fairlead.core.tcp.ConnectOptions;
import java.time.Duration;
import java.util.List;

/// The keys that say what happens when an endpoint cannot be connected to.
final class ConnectKeys {

    private static final int MAX_FAILURES = 1_000;

    static final List<ConfigKey<?>> ALL =
            List.of(
                    key(
                                    "connect.timeout",
                                    ValueForm.duration(
                                            Duration.ofMillis(10), Duration.ofMinutes(1), "1s"),
                                    o -> o.connect().timeout(),
                                    (d, v) -> d.connectTimeout = v)
                            .says(
                                    "How long an endpoint has to answer a new connection before"
                                            + " another one is tried. Where there is no other, it"
                                            + " has this once more for each of connect.retries.")
                            .option("DURATION", "--connect-timeout"),
                    key(
                                    "connect.retries",
                                    ValueForm.count(0, ConnectOptions.MAX_RETRIES),
                                    o -> o.connect().retries(),
                                    (d, v) -> d.connectRetries = v)
                            .says(
                                    "Other endpoints that are tried, at most, before the client is"
                                            + " reset.")
                            .option("N", "--connect-retries"),
                    key(
                                    "connect.ejectAfter",
                                    ValueForm.count(0, MAX_FAILURES),
                                    o -> o.ejection().failures(),
                                    (d, v) -> d.ejectAfter = v)
                            .says(
                                    "Connections in a row that an endpoint fails before new ones"
                                            + " are led round it; 0 for never. Where that holds for"
                                            + " more than half of a Service's endpoints, all are"
                                            + " used.")
                            .option("N", "--connect-eject-after"),
                    key(
                                    "connect.ejectTime",
                                    ValueForm.duration(
                                            Duration.ofSeconds(1), Duration.ofHours(1), "30s"),
                                    o -> o.ejection().baseTime(),
                                    (d, v) -> d.ejectTime = v)
                            .says(
                                    "For how long, the first time; twice as long the second time in"
                                            + " a row, and so on. Then one connection finds out"
                                            + " whether the endpoint answers again."),
                    key(
                                    "connect.ejectTimeMax",
                                    ValueForm.duration(
                                            Duration.ofSeconds(1), Duration.ofDays(1), "5m"),
                                    o -> o.ejection().maxTime(),
                                    (d, v) -> d.ejectTimeMax = v)
                            .says("For how long at most; not less than connect.ejectTime."));

    private ConnectKeys() {}
}
