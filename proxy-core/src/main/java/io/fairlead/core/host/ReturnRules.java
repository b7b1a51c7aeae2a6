package io.fairlead.core.host;

import io.fairlead.core.service.IpFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The `ip rule`s and the route that lead marked packets to this node, in one family.
///
/// The rule before ours is for lookups that no packet of an interface makes: those of packets sent
/// here, and the check of a packet's source (rp_filter). With `src_valid_mark=1`, which wg-quick
/// and Tailscale set, that check asks with the packet's mark, would be told that the backend's
/// address lies on this node, and the packet would be dropped as a martian.
final class ReturnRules {

    private static final String MARKED =
            "from all fwmark " + KernelNames.MARK + "/" + KernelNames.MARK;
    private static final String PROTO = " proto " + KernelNames.PROTOCOL;
    private static final int AFTER = KernelNames.PREFERENCE + 1;

    /// As `ip -N rule` prints them and takes them.
    private static final List<String> RULES =
            List.of(
                    AFTER + ": from all nop" + PROTO,
                    (KernelNames.PREFERENCE - 1) + ": " + MARKED + " iif lo goto " + AFTER + PROTO,
                    KernelNames.PREFERENCE
                            + ": "
                            + MARKED
                            + " lookup "
                            + KernelNames.TABLE
                            + PROTO);

    private static final String ROUTE =
            " local default dev lo table " + KernelNames.TABLE + " proto " + KernelNames.PROTOCOL;

    private ReturnRules() {}

    /// Makes them what they should be.
    ///
    /// @return a line for each thing that was not
    static List<String> repair(HostProgram ip, IpFamily family) throws HostException {
        List<String> repairs = new ArrayList<>();
        if (!hasRoute(ip, family)) {
            carryOut(ip, family, List.of("route replace" + ROUTE));
            repairs.add(KernelNames.text(family) + " route in table " + KernelNames.TABLE);
        }
        List<String> found = ours(ip, family);
        List<String> missing = new ArrayList<>(RULES);
        missing.removeAll(found);
        List<String> strange = new ArrayList<>(found);
        // One by one: of two equal rules the second is strange.
        RULES.forEach(strange::remove);
        List<String> lines = new ArrayList<>();
        missing.forEach(rule -> lines.add("rule add " + selector(rule)));
        strange.forEach(rule -> lines.add("rule del " + selector(rule)));
        carryOut(ip, family, lines);
        missing.forEach(rule -> repairs.add(KernelNames.text(family) + " rule " + rule));
        strange.forEach(rule -> repairs.add(KernelNames.text(family) + " stray rule " + rule));
        return repairs;
    }

    /// Removes all rules of our protocol and the route, and says what did not go.
    static Optional<String> remove(HostProgram ip, IpFamily family) {
        try {
            List<String> lines = new ArrayList<>();
            ours(ip, family).forEach(rule -> lines.add("rule del " + selector(rule)));
            if (hasRoute(ip, family)) {
                lines.add("route del" + ROUTE);
            }
            carryOut(ip, family, lines);
            return Optional.empty();
        } catch (HostException e) {
            return Optional.of(e.line());
        }
    }

    /// The rules of our protocol, as [#RULES] writes them.
    static List<String> ours(HostProgram ip, IpFamily family) throws HostException {
        HostProgram.Output output =
                ip.run("", List.of(KernelNames.option(family), "-N", "rule", "show"));
        if (!output.ok() && !Remedies.isMissing(output.complaint())) {
            throw new HostException("ip rule show: " + output.complaint());
        }
        return output.out()
                .lines()
                .map(line -> line.replaceAll("\\[[a-z]+\\]", "").replaceAll("\\s+", " ").strip())
                .filter(line -> (line + " ").contains(PROTO + " "))
                .toList();
    }

    private static boolean hasRoute(HostProgram ip, IpFamily family) throws HostException {
        // Fails while there is no such table.
        return ip.run(
                        "",
                        List.of(
                                KernelNames.option(family),
                                "route",
                                "show",
                                "table",
                                KernelNames.TABLE))
                .out()
                .lines()
                .anyMatch(line ->
                        line.startsWith("local default dev lo proto " + KernelNames.PROTOCOL));
    }

    private static String selector(String rule) {
        int colon = rule.indexOf(':');
        return "pref " + rule.substring(0, colon) + rule.substring(colon + 1);
    }

    private static void carryOut(HostProgram ip, IpFamily family, List<String> lines)
            throws HostException {
        Map<Integer, String> failed =
                IpBatch.run(ip, family, lines.stream().map(line -> line + "\n").toList());
        for (Map.Entry<Integer, String> failure : failed.entrySet()) {
            if (!failure.getValue().contains("File exists")) {
                throw new HostException(
                        "ip " + lines.get(failure.getKey()) + ": " + failure.getValue());
            }
        }
    }
}
