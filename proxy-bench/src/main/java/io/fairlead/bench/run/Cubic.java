package io.fairlead.bench.run;

import io.fairlead.lab.Host;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// TCP's usual congestion control for all sockets of a host, whatever the machine's is: between
/// namespaces of one machine, bbr measures its own pacing.
final class Cubic {

    private static final String NAME = "cubic";
    private static final String DEFAULT = "net/ipv4/tcp_congestion_control";

    /// What namespaces may choose; of the machine.
    private static final Path ALLOWED =
            Path.of("/proc/sys/net/ipv4/tcp_allowed_congestion_control");

    private Cubic() {}

    static void chooseOn(Host host) {
        if (host.netns().sysctl(DEFAULT).equals(NAME)) {
            return;
        }
        try {
            String allowed = Files.readString(ALLOWED).strip();
            if (!(" " + allowed + " ").contains(" " + NAME + " ")) {
                Files.writeString(ALLOWED, allowed + " " + NAME);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cubic is not allowed on this machine", e);
        }
        host.netns().sysctl(DEFAULT, NAME);
    }
}
