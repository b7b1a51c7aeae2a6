package io.fairlead.k8s.config;

import static io.fairlead.k8s.config.ConfigKey.key;

import io.fairlead.k8s.admin.AccessLogOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// The keys of the lines that are written of flows: the section `accessLog`.
final class AccessLogKeys {

    private static final int MOST_FLOWS = 1_000_000;

    static final ConfigKey<String> ACCESS_LOG =
            key(
                            "accessLog.to",
                            ValueForm.name("off, stdout or a file"),
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
                            ValueForm.count(0, MOST_FLOWS),
                            o -> o.accessLog().oneIn(),
                            (d, v) -> d.accessLog = d.accessLog.withOneIn(v))
                    .says(
                            "Of every so many flows one is written; 0 for none. All or none"
                                    + " of Services that have the annotation"
                                    + " fairlead.io/access-log at \"true\" or \"false\".");

    static final List<ConfigKey<?>> ALL = List.of(ACCESS_LOG, ACCESS_LOG_FORMAT, ACCESS_LOG_ONE_IN);

    private AccessLogKeys() {}
}
