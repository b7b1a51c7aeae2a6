package io.fairlead.core.capture;

import io.fairlead.core.host.HostProgram;
import io.fairlead.core.host.LocalRoutes;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Local routes of the host, made with the `ip` program.
public final class HostRoutes implements Routes {

    private static final Logger LOG = LoggerFactory.getLogger(HostRoutes.class);

    private final LocalRoutes routes = new LocalRoutes(HostProgram.ip());
    private List<String> failures = List.of();

    @Override
    public void follow(Set<Cidr> wanted, Set<IpAddress> sources) {
        Map<IpFamily, IpAddress> byFamily = new EnumMap<>(IpFamily.class);
        sources.forEach(source -> byFamily.put(source.family(), source));
        routes.sync(wanted, byFamily);
        tellFailures();
    }

    @Override
    public void recheck() {
        for (String repair : routes.recheck()) {
            LOG.warn("repaired: {}", repair);
        }
        tellFailures();
    }

    /// Each once, as long as it lasts.
    private void tellFailures() {
        List<String> now = routes.messages();
        now.stream().filter(text -> !failures.contains(text)).forEach(LOG::error);
        failures = now;
    }

    @Override
    public List<String> failures() {
        return failures;
    }

    @Override
    public void close() {
        routes.close();
        tellFailures();
    }
}
