package io.fairlead.k8s.config;

import static io.fairlead.k8s.config.ConfigKey.key;

import io.fairlead.k8s.status.BindAddress;
import io.fairlead.k8s.status.StatusOptions;
import java.util.List;
import java.util.Optional;

/// The keys that say where an agent is asked how it is: the section `status`.
final class StatusKeys {

    private static final int MOST_SERIES = 1_000_000;

    static final ConfigKey<Optional<BindAddress>> HEALTHZ =
            key(
                            "status.healthzBindAddress",
                            address(),
                            o -> Optional.ofNullable(o.status().healthz()),
                            (d, v) -> d.status = d.status.withHealthz(v.orElse(null)))
                    .says("Where /healthz and /livez answer; off for nowhere.")
                    .option("HOST:PORT", "--healthz-bind-address");

    static final ConfigKey<Optional<BindAddress>> METRICS =
            key(
                            "status.metricsBindAddress",
                            address(),
                            o -> Optional.ofNullable(o.status().metrics()),
                            (d, v) -> d.status = d.status.withMetrics(v.orElse(null)))
                    .says("Where /metrics, /configz and /proxyMode answer; off for nowhere.")
                    .option("HOST:PORT", "--metrics-bind-address");

    static final ConfigKey<Optional<BindAddress>> ADMIN =
            key(
                            "status.adminBindAddress",
                            loopback(),
                            o -> Optional.ofNullable(o.status().admin()),
                            (d, v) -> d.status = d.status.withAdmin(v.orElse(null)))
                    .says(
                            "Where the admin page and the admin API answer besides the socket in the"
                                    + " run directory, for every user of this machine; off for"
                                    + " nowhere.")
                    .option("HOST:PORT", "--admin-bind-address");

    static final ConfigKey<Integer> MAX_BACKEND_SERIES =
            key(
                            "status.maxBackendSeries",
                            ValueForm.count(0, MOST_SERIES),
                            o -> o.status().maxBackendSeries(),
                            (d, v) -> d.status = d.status.withMaxBackendSeries(v))
                    .says(
                            "With more backends that are in use than this, they have no metrics of"
                                    + " their own; 0 for never.");

    static final ConfigKey<Boolean> BIND_HARD_FAIL =
            key(
                            "status.bindHardFail",
                            ValueForm.yesOrNo(),
                            o -> o.status().bindHardFail(),
                            (d, v) -> d.status = d.status.withBindHardFail(v))
                    .says(
                            "Whether the agent does not start when one of these addresses is taken;"
                                    + " else it is tried again every few seconds.")
                    .option("BOOL", "--bind-address-hard-fail");

    static final List<ConfigKey<?>> ALL =
            List.of(HEALTHZ, METRICS, ADMIN, MAX_BACKEND_SERIES, BIND_HARD_FAIL);

    private StatusKeys() {}

    private static ValueForm<Optional<BindAddress>> address() {
        return ValueForm.text(
                "ADDRESS:PORT, [ADDRESS]:PORT or off",
                text -> Optional.ofNullable(BindAddress.parse(text)),
                at -> StatusOptions.text(at.orElse(null)));
    }

    private static ValueForm<Optional<BindAddress>> loopback() {
        return ValueForm.text(
                "ADDRESS:PORT of loopback, or off",
                text -> {
                    BindAddress at = BindAddress.parse(text);
                    if (at != null && !at.host().isLoopback()) {
                        throw new IllegalArgumentException("not on loopback");
                    }
                    return Optional.ofNullable(at);
                },
                at -> StatusOptions.text(at.orElse(null)));
    }
}
