package io.fairlead.core;

import io.fairlead.core.backend.EjectionRule;
import io.fairlead.core.balance.AffinityTable;
import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.tcp.ConnectOptions;
import io.fairlead.core.tcp.TcpOptions;
import io.fairlead.core.transport.LoopOptions;
import io.fairlead.core.udp.UdpOptions;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// What a data plane is started with.
///
/// @param threads event loops
/// @param capture how clients are made to arrive
/// @param keepClientAddress whether backends see the client's own address where kube-proxy would
///   have shown it; only where capture is not by loopback and the kernel lets us
/// @param loopbackBackends whether backends may be on loopback for any client; else only for
///   clients of loopback VIPs
/// @param udp how long flows of datagrams last, and how many there may be
/// @param connect how long backends have to answer, and how many others are tried
/// @param ejection when flows are led round a backend that cannot be connected to
/// @param tcp what holds for all TCP flows
/// @param loops how event loops wait
/// @param clock nanoseconds, from any start, never backwards; for session affinity and all that
///   waits for backends
/// @param affinityClients how many clients may stick to their backends at a time
public record PlaneOptions(
        int threads,
        CaptureMode capture,
        boolean keepClientAddress,
        boolean loopbackBackends,
        UdpOptions udp,
        TcpOptions tcp,
        ConnectOptions connect,
        EjectionRule ejection,
        LoopOptions loops,
        LongSupplier clock,
        int affinityClients) {

    /// Options while they are being changed. One owner; not safe for threads.
    private static final class Draft {
        int threads;
        CaptureMode capture;
        boolean keepClientAddress;
        boolean loopbackBackends;
        UdpOptions udp;
        TcpOptions tcp;
        ConnectOptions connect;
        EjectionRule ejection;
        LoopOptions loops;
        LongSupplier clock;
        int affinityClients;

        Draft(PlaneOptions from) {
            threads = from.threads;
            capture = from.capture;
            keepClientAddress = from.keepClientAddress;
            loopbackBackends = from.loopbackBackends;
            udp = from.udp;
            tcp = from.tcp;
            connect = from.connect;
            ejection = from.ejection;
            loops = from.loops;
            clock = from.clock;
            affinityClients = from.affinityClients;
        }

        PlaneOptions done() {
            return new PlaneOptions(
                    threads,
                    capture,
                    keepClientAddress,
                    loopbackBackends,
                    udp,
                    tcp,
                    connect,
                    ejection,
                    loops,
                    clock,
                    affinityClients);
        }
    }

    /// Listeners on this machine's own addresses, no privilege.
    public static PlaneOptions loopback(int threads) {
        return defaults(threads, CaptureMode.LOOPBACK, false, true);
    }

    /// A node's: whatever way of capture works here.
    public static PlaneOptions node(int threads) {
        return defaults(threads, CaptureMode.AUTO, true, false);
    }

    private static PlaneOptions defaults(
            int threads, CaptureMode capture, boolean keepClients, boolean loopbackBackends) {
        return new PlaneOptions(
                threads,
                capture,
                keepClients,
                loopbackBackends,
                UdpOptions.DEFAULT,
                TcpOptions.DEFAULT,
                ConnectOptions.DEFAULT,
                EjectionRule.DEFAULT,
                LoopOptions.DEFAULT,
                System::nanoTime,
                AffinityTable.DEFAULT_CAPACITY);
    }

    private PlaneOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.done();
    }

    public PlaneOptions withCapture(CaptureMode mode) {
        return with(d -> d.capture = mode);
    }

    public PlaneOptions withKeepClientAddress(boolean keep) {
        return with(d -> d.keepClientAddress = keep);
    }

    public PlaneOptions withUdp(UdpOptions options) {
        return with(d -> d.udp = options);
    }

    public PlaneOptions withTcp(TcpOptions options) {
        return with(d -> d.tcp = options);
    }

    public PlaneOptions withConnect(ConnectOptions options, EjectionRule rule) {
        return with(d -> {
            d.connect = options;
            d.ejection = rule;
        });
    }

    public PlaneOptions withLoops(LoopOptions options) {
        return with(d -> d.loops = options);
    }

    public PlaneOptions withAffinityClients(int most) {
        return with(d -> d.affinityClients = most);
    }

    PlaneOptions withClock(LongSupplier nanos) {
        return with(d -> d.clock = nanos);
    }
}
