package io.fairlead.k8s.config;

import static io.fairlead.k8s.config.ConfigKey.key;

import io.fairlead.k8s.admin.AccessLogOptions;
import io.fairlead.k8s.status.BindAddress;
import io.fairlead.k8s.status.StatusOptions;
import java.util.Arrays;
import java.util.Locale;
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

    static final ConfigKey<String> ACCESS_LOG =
            key(
                            "accessLog.to",
                            ValueForm.text("off, stdout or a file", ObserveKeys::target, to -> to),
                            o -> o.accessLog().to(),
                            (d, v) -> d.accessLog = d.accessLog.withTo(v))
                    .says(
                            "Where a line is written for each flow that ends, of TCP or UDP: to a"
                                    + " file, put aside at 64 MiB, with four older ones beside it; or to"
                                    + " standard output, between the lines of the agent's log.")
                    .option("WHERE", "--access-log");

    static final ConfigKey<AccessLogOptions.Format> ACCESS_LOG_FORMAT =
            key(
                            "accessLog.format",
                            ValueForm.choice(
                                    Arrays.asList(AccessLogOptions.Format.values()),
                                    f -> f.name().toLowerCase(Locale.ROOT)),
                            o -> o.accessLog().format(),
                            (d, v) -> d.accessLog = d.accessLog.withFormat(v))
                    .says("How such a line looks.");

    static final ConfigKey<Integer> ACCESS_LOG_ONE_IN =
            key(
                            "accessLog.oneIn",
                            ValueForm.count(0, MOST_SERIES),
                            o -> o.accessLog().oneIn(),
                            (d, v) -> d.accessLog = d.accessLog.withOneIn(v))
                    .says(
                            "Of every so many flows one is written; 0 for none. All or none"
                                    + " of Services that have the annotation"
                                    + " fairlead.io/access-log at \"true\" or \"false\".");

    private ObserveKeys() {}

    private static String target(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("blank");
        }
        return text.strip();
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
