package io.fairlead.core.host;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The prefixes whose packets end on this node: our routes in the kernel's table `local`.
///
/// Control thread only. `ip route show table local proto 102` prints them, and with `ip -6`. What a
/// killed agent left is adopted by the first [#sync], untouched where it is right. None ever
/// replaces the kernel's own route to an address of this node: their metric differs.
public final class LocalRoutes implements AutoCloseable {

    private static final int SHOWN = 3;

    private final HostProgram ip;

    /// What the kernel has, as far as we know; nothing for a family that could not be read.
    private final Map<IpFamily, RouteTable> tables = new EnumMap<>(IpFamily.class);

    private final Map<Cidr, String> failures = new TreeMap<>();
    private Map<Cidr, LocalRoute> wanted = Map.of();

    public LocalRoutes(HostProgram ip) {
        this.ip = ip;
    }

    /// Makes exactly these prefixes ours. What fails is tried again by the next call of this or of
    /// [#recheck].
    ///
    /// @param source an address of this node in each family: where its own connections to VIPs come
    ///   from. Without one the kernel takes the VIP.
    public void sync(Set<Cidr> prefixes, Map<IpFamily, IpAddress> source) {
        Map<Cidr, LocalRoute> next = HashMap.newHashMap(prefixes.size());
        for (Cidr prefix : prefixes) {
            next.put(prefix, LocalRoute.to(prefix, source.get(prefix.family())));
        }
        wanted = next;
        failures.clear();
        for (IpFamily family : IpFamily.values()) {
            RouteTable known = tables.get(family);
            apply(family, known == null ? look(family) : known);
        }
    }

    /// Reads what the kernel has and makes it what was last asked for; every 30 s.
    ///
    /// @return a line for each family in which something was not as we had left it
    public List<String> recheck() {
        List<String> repairs = new ArrayList<>();
        failures.clear();
        for (IpFamily family : IpFamily.values()) {
            RouteTable believed = tables.get(family);
            RouteTable found = look(family);
            String change = believed == null ? "" : found.changesSince(believed);
            if (!change.isEmpty()) {
                repairs.add("local routes, " + KernelNames.text(family) + ": " + change);
            }
            apply(family, found);
        }
        return repairs;
    }

    /// Each prefix that is not as it should be, with the cause; empty when all is well.
    public Map<Cidr, String> failures() {
        return Collections.unmodifiableMap(new TreeMap<>(failures));
    }

    /// The failures for a log: one line for each family and cause, with the remedy.
    public List<String> messages() {
        Map<String, List<Cidr>> byCause = new LinkedHashMap<>();
        failures.forEach((prefix, cause) ->
                byCause.computeIfAbsent(prefix.family() + cause, _ -> new ArrayList<>())
                        .add(prefix));
        return byCause.values().stream().map(this::message).toList();
    }

    private String message(List<Cidr> prefixes) {
        Cidr first = prefixes.getFirst();
        String cause = String.valueOf(failures.get(first));
        StringBuilder text = new StringBuilder("local route ").append(first);
        prefixes.stream().skip(1).limit(SHOWN - 1).forEach(p -> text.append(", ").append(p));
        if (prefixes.size() > SHOWN) {
            text.append(" and ").append(prefixes.size() - SHOWN).append(" more");
        }
        return text.append(": ").append(cause).append(remedy(first, cause)).toString();
    }

    private String remedy(Cidr prefix, String cause) {
        LocalRoute route = wanted.get(prefix);
        if (route != null && (cause.contains("prefsrc") || cause.contains("source address"))) {
            return "; " + route.source() + " is no address of this node";
        }
        return Remedies.of(prefix.family(), cause);
    }

    /// Removes every route of the table that has our protocol number, whoever made it.
    ///
    /// What cannot be removed is in [#failures].
    @Override
    public void close() {
        wanted = Map.of();
        failures.clear();
        for (IpFamily family : IpFamily.values()) {
            apply(family, look(family));
        }
    }

    /// Where it cannot be read, as if it were empty: what is wanted is tried, and says why it
    /// fails.
    private RouteTable look(IpFamily family) {
        try {
            RouteTable table = RouteTable.read(ip, family);
            tables.put(family, table);
            return table;
        } catch (HostException _) {
            tables.remove(family);
            return RouteTable.empty();
        }
    }

    private void apply(IpFamily family, RouteTable table) {
        List<LocalRoute> goes = new ArrayList<>(table.strays());
        for (LocalRoute route : table.routes().values()) {
            if (!wanted.containsKey(route.prefix())) {
                goes.add(route);
            }
        }
        List<LocalRoute> comes = new ArrayList<>();
        for (LocalRoute route : wanted.values()) {
            if (route.prefix().family() == family
                    && !route.equals(table.routes().get(route.prefix()))) {
                comes.add(route);
            }
        }
        List<String> lines = new ArrayList<>(comes.size() + goes.size());
        comes.forEach(route -> lines.add(route.replaceLine()));
        goes.forEach(route -> lines.add(route.deleteLine()));
        Map<Integer, String> failed = IpBatch.run(ip, family, lines);
        for (int i = 0; i < comes.size(); i++) {
            made(table, comes.get(i), failed.get(i));
        }
        for (int i = 0; i < goes.size(); i++) {
            removed(table, goes.get(i), failed.get(comes.size() + i));
        }
    }

    private void made(RouteTable table, LocalRoute route, @Nullable String cause) {
        if (cause == null) {
            table.routes().put(route.prefix(), route);
        } else {
            failures.put(route.prefix(), cause);
        }
    }

    private void removed(RouteTable table, LocalRoute route, @Nullable String cause) {
        if (cause != null && !cause.contains("No such process")) {
            failures.put(route.prefix(), cause);
        } else if (route.regular()) {
            table.routes().remove(route.prefix(), route);
        }
        table.strays().remove(route);
    }
}
