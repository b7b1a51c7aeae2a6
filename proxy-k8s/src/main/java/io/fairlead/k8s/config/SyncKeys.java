package io.fairlead.k8s.config;

import static io.fairlead.k8s.config.ConfigKey.key;

import java.time.Duration;
import java.util.List;

/// The keys that say when changes are taken, and how much the API server is believed: the sections
/// `sync` and `watch`.
final class SyncKeys {

    static final ConfigKey<Duration> MIN_INTERVAL =
            key(
                            "sync.minInterval",
                            ValueForm.duration(Duration.ZERO, Duration.ofHours(1), "10ms"),
                            o -> o.sync().minInterval(),
                            (d, v) -> d.syncMinInterval = v)
                    .says("From the end of one change to the start of the next.")
                    .live();

    static final ConfigKey<Duration> FULL_PERIOD =
            key(
                            "sync.fullPeriod",
                            ValueForm.duration(Duration.ofSeconds(1), Duration.ofDays(365), "1h"),
                            o -> o.sync().fullPeriod(),
                            (d, v) -> d.syncFullPeriod = v)
                    .says("How often everything is gone through anew, whether it changed or not.")
                    .live();

    static final ConfigKey<Duration> RETRY =
            key(
                            "sync.retry",
                            ValueForm.duration(Duration.ofMillis(1), Duration.ofDays(1), "30s"),
                            o -> o.sync().retry(),
                            (d, v) -> d.syncRetry = v)
                    .says(
                            "When a state that could not be applied is tried again, if none comes"
                                    + " before; not less than minInterval.")
                    .live();

    static final ConfigKey<Duration> EMPTY_LIST_HOLD =
            key(
                            "watch.emptyListHold",
                            ValueForm.duration(Duration.ZERO, Duration.ofDays(1), "1m"),
                            o -> o.watch().emptyListHold(),
                            (d, v) -> d.watch = d.watch.withEmptyListHold(v))
                    .says(
                            "How long Services or EndpointSlices stay served that all vanish from"
                                    + " one list of the API server to the next.")
                    .live();

    static final ConfigKey<Boolean> CHECKPOINT =
            key(
                            "watch.checkpoint",
                            ValueForm.yesOrNo(),
                            o -> o.watch().checkpoint(),
                            (d, v) -> d.watch = d.watch.withCheckpoint(v))
                    .says(
                            "Whether the last state is kept in the run directory, to serve from"
                                    + " while the API server is away at start.");

    static final List<ConfigKey<?>> ALL =
            List.of(MIN_INTERVAL, FULL_PERIOD, RETRY, EMPTY_LIST_HOLD, CHECKPOINT);

    private SyncKeys() {}
}
