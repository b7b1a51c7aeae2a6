package io.fairlead.k8s.config;

import static io.fairlead.k8s.config.ConfigKey.key;

import io.fairlead.k8s.status.BindAddress;
import io.fairlead.k8s.status.StatusOptions;
import java.util.Optional;

/// The keys of what an agent tells of itself; in the list of [ConfigKeys].
final class ObserveKeys {

    private static final int MOST_SERIES = 1_000_000;

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

    private ObserveKeys() {}

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
