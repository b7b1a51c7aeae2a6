package io.fairlead.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What a lab needs of the machine; what is missing is an error that names it.
final class Machine {

    private Machine() {}

    static void check() {
        if (!"root".equals(System.getProperty("user.name"))) {
            throw new IllegalStateException(
                    "the network lab makes network namespaces: run the tests as root");
        }
        for (String program : List.of("ip", "nft", "ss", "nsenter")) {
            if (!has(program)) {
                throw new IllegalStateException(
                        "the network lab needs the program "
                                + program
                                + "; on Debian or Ubuntu: apt-get install iproute2 nftables"
                                + " util-linux");
            }
        }
        if (!hasIpv6()) {
            throw new IllegalStateException(
                    "the network lab needs IPv6, which is off where this JVM was started; allow it"
                            + " by sysctl net.ipv6.conf.lo.disable_ipv6=0");
        }
    }

    private static boolean has(String program) {
        return List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin").stream()
                .anyMatch(folder -> Files.exists(Path.of(folder, program)));
    }

    /// Java looks once, at its start, whether its first thread's namespace has an IPv6 address.
    private static boolean hasIpv6() {
        Path addresses = Path.of("/proc/self/net/if_inet6");
        try {
            return Files.exists(addresses) && !Files.readString(addresses).isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
