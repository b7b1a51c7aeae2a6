package io.fairlead.core.capture;

import io.fairlead.core.bpf.BpfLink;
import io.fairlead.core.handover.Inheritance;
import io.fairlead.core.kernel.NamespaceLock;
import io.fairlead.core.kernel.Syscall;
import java.io.IOException;
import java.util.OptionalInt;
import java.util.function.Function;

/// Chooses the way of capture.
public final class Captures {

    /// Seen in /proc/net/unix, with an @ in front.
    private static final String LOCK = "fairlead.capture";

    private Captures() {}

    /// Opens the way that is asked for.
    ///
    /// @param routes how packets are led to this node, for the ways that need it
    /// @throws IOException when that way cannot work here; with what is missing
    /// @param inherited what another process has left for it
    public static Capture open(
            CaptureMode mode,
            Acceptor acceptor,
            Function<CaptureMode, ? extends Routes> routes,
            Inheritance inherited)
            throws IOException {
        return switch (mode) {
            case LOOPBACK -> new BoundListeners(acceptor);
            case BPF -> bpf(acceptor, routes, inherited, "asked for");
            case LISTENERS -> listeners(acceptor, routes, inherited, "asked for");
            case AUTO -> best(acceptor, routes, inherited);
        };
    }

    private static Capture best(
            Acceptor acceptor,
            Function<CaptureMode, ? extends Routes> routes,
            Inheritance inherited)
            throws IOException {
        try {
            return bpf(acceptor, routes, inherited, "the kernel allows it");
        } catch (CapturedException taken) {
            throw taken;
        } catch (IOException noBpf) {
            try {
                return listeners(acceptor, routes, inherited, String.valueOf(noBpf.getMessage()));
            } catch (CapturedException taken) {
                throw taken;
            } catch (IOException noRoutes) {
                return new BoundListeners(acceptor, String.valueOf(noRoutes.getMessage()));
            }
        }
    }

    private static Capture bpf(
            Acceptor acceptor,
            Function<CaptureMode, ? extends Routes> routes,
            Inheritance inherited,
            String reason)
            throws IOException {
        Needs.of(CaptureMode.BPF);
        NamespaceLock lock = lock(inherited);
        boolean alone = inherited.isNothing();
        OptionalInt link = inherited.takeLink();
        try {
            Routes locked = new LockedRoutes(() -> routes.apply(CaptureMode.BPF), lock);
            return alone
                    ? SkLookup.attach(acceptor, locked, reason)
                    : SkLookup.beside(
                            acceptor,
                            locked,
                            reason,
                            link.isPresent() ? BpfLink.adopt(link.getAsInt()) : null);
        } catch (IOException e) {
            lock.close();
            link.ifPresent(Syscall::close);
            throw new IOException(
                    "capture by bpf needs Linux 5.9 or later with CONFIG_BPF_SYSCALL: "
                            + e.getMessage(),
                    e);
        }
    }

    private static Capture listeners(
            Acceptor acceptor,
            Function<CaptureMode, ? extends Routes> routes,
            Inheritance inherited,
            String reason)
            throws IOException {
        Needs.of(CaptureMode.LISTENERS);
        return new BoundListeners(
                acceptor,
                new LockedRoutes(() -> routes.apply(CaptureMode.LISTENERS), lock(inherited)),
                "listeners (" + reason + "): one on each VIP, on local routes");
    }

    private static NamespaceLock lock(Inheritance inherited) throws IOException {
        OptionalInt given = inherited.lock();
        return given.isPresent() ? NamespaceLock.adopt(given.getAsInt()) : lock();
    }

    /// What an agent holds as long as it captures by local routes, and whoever takes them away: two
    /// on a node would fight.
    ///
    /// @throws CapturedException when another process holds it
    public static NamespaceLock lock() throws IOException {
        try {
            return NamespaceLock.take(LOCK);
        } catch (NamespaceLock.HeldException e) {
            throw new CapturedException(e.pid());
        }
    }
}
