package io.fairlead.core.capture;

import io.fairlead.core.host.HostProgram;
import io.fairlead.core.host.LocalRoutes;
import io.fairlead.core.host.ReturnPath;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Routes of the host, made with the programs `ip` and `nft`: VIPs end here, and so do answers to
/// the clients' addresses that upstream sockets have.
public final class HostRoutes implements Routes {

    private static final Logger LOG = LoggerFactory.getLogger(HostRoutes.class);

    private final LocalRoutes routes = new LocalRoutes(HostProgram.ip());
    private final @Nullable ReturnPath returnPath;
    private List<String> failures = List.of();

    /// Makes the way back at once, where it is asked for.
    ///
    /// @param clientAddresses whether upstream sockets may have addresses of clients
    public HostRoutes(boolean clientAddresses) {
        if (clientAddresses) {
            returnPath = new ReturnPath(HostProgram.ip(), HostProgram.nft());
            returnPath.install();
        } else {
            returnPath = null;
        }
    }

    /// Why upstream sockets must not have the addresses of clients of a family; none where they
    /// may.
    public Map<IpFamily, String> returnFailures() {
        return returnPath == null ? Map.of() : returnPath.failures();
    }

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
        if (returnPath != null) {
            returnPath.recheck().forEach(repair -> LOG.warn("repaired: {}", repair));
        }
        tellFailures();
    }

    /// Each once, as long as it lasts.
    private void tellFailures() {
        List<String> now = new ArrayList<>(routes.messages());
        returnFailures().forEach((family, cause) -> now.add(family + " answers: " + cause));
        now.stream().filter(text -> !failures.contains(text)).forEach(LOG::error);
        failures = List.copyOf(now);
    }

    @Override
    public List<String> failures() {
        return failures;
    }

    @Override
    public void close() {
        routes.close();
        if (returnPath != null) {
            returnPath.close();
        }
        tellFailures();
    }
}
