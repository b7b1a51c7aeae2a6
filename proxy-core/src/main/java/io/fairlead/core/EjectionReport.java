package io.fairlead.core;

import io.fairlead.core.backend.EjectionLog;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the log of backends that flows are led round, one line for each change; off the flow path.
final class EjectionReport {

    private static final Logger LOG = LoggerFactory.getLogger(EjectionReport.class);

    private EjectionReport() {}

    static void write(List<EjectionLog.Change> changes) {
        for (EjectionLog.Change change : changes) {
            if (change.forNs() > 0) {
                LOG.warn(
                        "{}: flows are led round {} for {} s: it could not be connected to"
                                + " repeatedly, last {}",
                        change.service(),
                        change.backend(),
                        TimeUnit.NANOSECONDS.toSeconds(change.forNs()),
                        change.cause());
            } else {
                LOG.info("{}: {} is in use again", change.service(), change.backend());
            }
        }
    }
}
