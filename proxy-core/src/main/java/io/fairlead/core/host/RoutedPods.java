package io.fairlead.core.host;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.SpecialAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// The addresses that are behind some interfaces of this node: those that the table `main` routes
/// there, but for the default route.
///
/// A client is behind an interface when what it is answered leaves by it, which is known before
/// anybody has come; the interface that a packet came in by would be known too late, or not at all,
/// for a listening socket.
public final class RoutedPods {

    private RoutedPods() {}

    /// As it is now, in the network namespace of the calling thread.
    public static Set<Cidr> behind(HostProgram ip, Collection<InterfaceName> interfaces)
            throws HostException {
        Set<Cidr> found = new TreeSet<>();
        for (IpFamily family : IpFamily.values()) {
            HostProgram.Output output =
                    ip.run(
                            "",
                            List.of(
                                    KernelNames.option(family),
                                    "-o",
                                    "route",
                                    "show",
                                    "table",
                                    "main"));
            if (!output.ok() && !Remedies.isMissing(output.complaint())) {
                throw new HostException("ip route show table main: " + output.complaint());
            }
            found.addAll(parse(output.out(), interfaces));
        }
        return found;
    }

    /// Reads the output of `ip -o route show`.
    static Set<Cidr> parse(String text, Collection<InterfaceName> interfaces) {
        Set<Cidr> found = new TreeSet<>();
        text.lines().forEach(line -> read(line, interfaces, found));
        return found;
    }

    /// Reads `10.244.1.10 dev cali1 scope link`; a line of several hops has several devices. Other
    /// types than unicast have a word in front.
    private static void read(String line, Collection<InterfaceName> interfaces, Set<Cidr> found) {
        List<String> words = List.of(line.strip().split("\\s+", -1));
        List<String> devices = new ArrayList<>();
        for (int i = 1; i + 1 < words.size(); i++) {
            if (words.get(i).equals("dev")) {
                devices.add(words.get(i + 1));
            }
        }
        if (devices.stream().noneMatch(d -> interfaces.stream().anyMatch(i -> i.matches(d)))) {
            return;
        }
        try {
            String prefix = words.getFirst();
            IpAddress address = IpAddress.parse(prefix.replaceFirst("/.*", ""));
            if (SpecialAddress.of(address) == null) {
                found.add(
                        prefix.indexOf('/') < 0
                                ? new Cidr(address, address.family().bits())
                                : Cidr.parse(prefix));
            }
        } catch (IllegalArgumentException _) {
            // The default route, or another type.
        }
    }
}
