package io.fairlead.core.capture;

import io.fairlead.core.kernel.Capabilities;
import io.fairlead.core.kernel.Capabilities.Name;
import java.io.IOException;

/// Chooses the way of capture.
public final class Captures {

    private Captures() {}

    /// Opens the way that is asked for.
    ///
    /// @param routes how packets are led to this node, for the ways that need it
    /// @throws IOException when that way cannot work here; with what is missing
    public static Capture open(CaptureMode mode, Acceptor acceptor, Routes routes)
            throws IOException {
        return switch (mode) {
            case LOOPBACK -> new BoundListeners(acceptor);
            case BPF -> bpf(acceptor, routes, "asked for");
            case LISTENERS -> listeners(acceptor, routes, "asked for");
            case AUTO -> best(acceptor, routes);
        };
    }

    private static Capture best(Acceptor acceptor, Routes routes) throws IOException {
        try {
            return bpf(acceptor, routes, "the kernel allows it");
        } catch (IOException noBpf) {
            try {
                return listeners(acceptor, routes, String.valueOf(noBpf.getMessage()));
            } catch (IOException noRoutes) {
                return new BoundListeners(acceptor, String.valueOf(noRoutes.getMessage()));
            }
        }
    }

    private static Capture bpf(Acceptor acceptor, Routes routes, String reason) throws IOException {
        Capabilities mine = Capabilities.ofThisProcess();
        if (!mine.mayLoadBpf()) {
            throw new IOException(
                    "capture by bpf needs the capabilities CAP_BPF and CAP_NET_ADMIN");
        }
        needRoutes(mine, "bpf");
        try {
            return SkLookup.attach(acceptor, routes, reason);
        } catch (IOException e) {
            throw new IOException(
                    "capture by bpf needs Linux 5.9 or later with CONFIG_BPF_SYSCALL and"
                            + " CONFIG_INET: "
                            + e.getMessage(),
                    e);
        }
    }

    private static Capture listeners(Acceptor acceptor, Routes routes, String reason)
            throws IOException {
        needRoutes(Capabilities.ofThisProcess(), "listeners");
        return new BoundListeners(
                acceptor, routes, "listeners (" + reason + "): one on each VIP, on local routes");
    }

    private static void needRoutes(Capabilities mine, String mode) throws IOException {
        if (!mine.has(Name.CAP_NET_ADMIN)) {
            throw new IOException(
                    "capture by " + mode + " needs the capability CAP_NET_ADMIN for its routes");
        }
    }
}
