package io.fairlead.core.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What this process may do beside what every user may (capabilities(7)).
///
/// @param effective the effective set, one bit each
public record Capabilities(long effective) {

    /// Numbers from linux/capability.h.
    public enum Name {
        CAP_NET_BIND_SERVICE(10),
        CAP_NET_ADMIN(12),
        CAP_NET_RAW(13),
        CAP_SYS_ADMIN(21),
        CAP_BPF(39);

        private final int bit;

        Name(int bit) {
            this.bit = bit;
        }
    }

    /// Those of this process; none where they cannot be read.
    public static Capabilities ofThisProcess() {
        try {
            for (String line :
                    Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.US_ASCII)) {
                if (line.startsWith("CapEff:")) {
                    return new Capabilities(Long.parseUnsignedLong(line.substring(7).strip(), 16));
                }
            }
        } catch (IOException | NumberFormatException _) {
            // Not Linux, or /proc is hidden: what needs a capability will say so itself.
        }
        return new Capabilities(0);
    }

    public boolean has(Name name) {
        return (effective >>> name.bit & 1) != 0;
    }

    /// Whether BPF programs of the network may be loaded: CAP_BPF with CAP_NET_ADMIN, or
    /// CAP_SYS_ADMIN, which includes both.
    public boolean mayLoadBpf() {
        return has(Name.CAP_SYS_ADMIN) || (has(Name.CAP_BPF) && has(Name.CAP_NET_ADMIN));
    }
}
