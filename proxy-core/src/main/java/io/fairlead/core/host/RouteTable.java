package io.fairlead.core.host;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpFamily;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The routes of one family in the table `local` that bear our protocol number, at one moment.
///
/// @param routes those that are as we make them, but for their source; changed as we change the
///   kernel
/// @param strays the others, which somebody else has made or altered
record RouteTable(Map<Cidr, LocalRoute> routes, List<LocalRoute> strays) {

    static RouteTable empty() {
        return new RouteTable(new HashMap<>(), new ArrayList<>());
    }

    /// Reads them from the kernel.
    static RouteTable read(HostProgram ip, IpFamily family) throws HostException {
        HostProgram.Output output =
                ip.run(
                        "",
                        List.of(
                                KernelNames.option(family),
                                "-o",
                                "route",
                                "show",
                                "table",
                                "local",
                                "proto",
                                KernelNames.PROTOCOL));
        // A namespace in which no interface was ever up has no such table.
        if (!output.ok() && !output.err().contains("table does not exist")) {
            throw new HostException("ip route show table local: " + output.complaint());
        }
        RouteTable table = empty();
        for (String line : output.out().lines().toList()) {
            LocalRoute.parse(line, family).ifPresent(table::add);
        }
        return table;
    }

    private void add(LocalRoute route) {
        if (!route.regular() || routes.putIfAbsent(route.prefix(), route) != null) {
            strays.add(route);
        }
    }

    /// How it differs from what we believed, in words; empty when it does not.
    String changesSince(RouteTable believed) {
        long removed =
                believed.routes.keySet().stream().filter(p -> !routes.containsKey(p)).count();
        long altered =
                strays.size()
                        + routes.values().stream()
                                .filter(r -> !r.equals(believed.routes.get(r.prefix())))
                                .count();
        return removed == 0 && altered == 0
                ? ""
                : removed + " had been removed, " + altered + " added or changed";
    }
}
