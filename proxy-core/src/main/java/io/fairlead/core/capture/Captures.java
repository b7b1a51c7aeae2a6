package io.fairlead.core.capture;

import io.fairlead.core.kernel.Capabilities;
import io.fairlead.core.kernel.Capabilities.Name;
import io.fairlead.core.kernel.NamespaceLock;
import java.io.IOException;
import java.util.function.Supplier;

/// Chooses the way of capture.
public final class Captures {

    /// Seen in /proc/net/unix, with an @ in front.
    private static final String LOCK = "fairlead.capture";

    private Captures() {}

    /// Opens the way that is asked for.
    ///
    /// @param routes how packets are led to this node, for the ways that need it
    /// @throws IOException when that way cannot work here; with what is missing
    public static Capture open(CaptureMode mode, Acceptor acceptor, Supplier<Routes> routes)
            throws IOException {
        return switch (mode) {
            case LOOPBACK -> new BoundListeners(acceptor);
            case BPF -> bpf(acceptor, routes, "asked for");
            case LISTENERS -> listeners(acceptor, routes, "asked for");
            case AUTO -> best(acceptor, routes);
        };
    }

    private static Capture best(Acceptor acceptor, Supplier<Routes> routes) throws IOException {
        try {
            return bpf(acceptor, routes, "the kernel allows it");
        } catch (CapturedException taken) {
            throw taken;
        } catch (IOException noBpf) {
            try {
                return listeners(acceptor, routes, String.valueOf(noBpf.getMessage()));
            } catch (CapturedException taken) {
                throw taken;
            } catch (IOException noRoutes) {
                return new BoundListeners(acceptor, String.valueOf(noRoutes.getMessage()));
            }
        }
    }

    private static Capture bpf(Acceptor acceptor, Supplier<Routes> routes, String reason)
            throws IOException {
        Capabilities mine = Capabilities.ofThisProcess();
        if (!mine.mayLoadBpf()) {
            throw new IOException(
                    "capture by bpf needs the capabilities CAP_BPF and CAP_NET_ADMIN");
        }
        needRoutes(mine, "bpf");
        NamespaceLock lock = lock();
        try {
            return SkLookup.attach(acceptor, new LockedRoutes(routes, lock), reason);
        } catch (IOException e) {
            lock.close();
            throw new IOException(
                    "capture by bpf needs Linux 5.9 or later with CONFIG_BPF_SYSCALL: "
                            + e.getMessage(),
                    e);
        }
    }

    private static Capture listeners(Acceptor acceptor, Supplier<Routes> routes, String reason)
            throws IOException {
        needRoutes(Capabilities.ofThisProcess(), "listeners");
        return new BoundListeners(
                acceptor,
                new LockedRoutes(routes, lock()),
                "listeners (" + reason + "): one on each VIP, on local routes");
    }

    private static void needRoutes(Capabilities mine, String mode) throws IOException {
        if (!mine.has(Name.CAP_NET_ADMIN)) {
            throw new IOException(
                    "capture by " + mode + " needs the capability CAP_NET_ADMIN for its routes");
        }
    }

    /// Two agents on a node would fight over its routes.
    private static NamespaceLock lock() throws IOException {
        try {
            return NamespaceLock.take(LOCK);
        } catch (NamespaceLock.HeldException e) {
            throw new CapturedException(e.pid());
        }
    }
}
