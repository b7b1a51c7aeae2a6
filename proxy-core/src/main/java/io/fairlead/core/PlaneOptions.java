package io.fairlead.core;

import io.fairlead.core.backend.EjectionRule;
import io.fairlead.core.balance.AffinityTable;
import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.tcp.ConnectOptions;
import io.fairlead.core.tcp.TcpOptions;
import io.fairlead.core.transport.LoopOptions;
import io.fairlead.core.udp.UdpOptions;
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

    public PlaneOptions withCapture(CaptureMode mode) {
        return new PlaneOptions(
                threads,
                mode,
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

    public PlaneOptions withKeepClientAddress(boolean keep) {
        return new PlaneOptions(
                threads,
                capture,
                keep,
                loopbackBackends,
                udp,
                tcp,
                connect,
                ejection,
                loops,
                clock,
                affinityClients);
    }

    public PlaneOptions withUdp(UdpOptions options) {
        return new PlaneOptions(
                threads,
                capture,
                keepClientAddress,
                loopbackBackends,
                options,
                tcp,
                connect,
                ejection,
                loops,
                clock,
                affinityClients);
    }

    public PlaneOptions withTcp(TcpOptions options) {
        return new PlaneOptions(
                threads,
                capture,
                keepClientAddress,
                loopbackBackends,
                udp,
                options,
                connect,
                ejection,
                loops,
                clock,
                affinityClients);
    }

    public PlaneOptions withConnect(ConnectOptions options, EjectionRule rule) {
        return new PlaneOptions(
                threads,
                capture,
                keepClientAddress,
                loopbackBackends,
                udp,
                tcp,
                options,
                rule,
                loops,
                clock,
                affinityClients);
    }

    public PlaneOptions withLoops(LoopOptions options) {
        return new PlaneOptions(
                threads,
                capture,
                keepClientAddress,
                loopbackBackends,
                udp,
                tcp,
                connect,
                ejection,
                options,
                clock,
                affinityClients);
    }

    public PlaneOptions withAffinityClients(int most) {
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
                most);
    }

    PlaneOptions withClock(LongSupplier nanos) {
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
                nanos,
                affinityClients);
    }
}
