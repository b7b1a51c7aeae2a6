package io.fairlead.core;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.tcp.TcpOptions;
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
/// @param tcp what holds for all TCP flows
/// @param clock nanoseconds, from any start, never backwards; for session affinity
public record PlaneOptions(
        int threads,
        CaptureMode capture,
        boolean keepClientAddress,
        boolean loopbackBackends,
        UdpOptions udp,
        TcpOptions tcp,
        LongSupplier clock) {

    /// Listeners on this machine's own addresses, no privilege.
    public static PlaneOptions loopback(int threads) {
        return new PlaneOptions(
                threads, CaptureMode.LOOPBACK, false, true, UdpOptions.DEFAULT, TcpOptions.DEFAULT, System::nanoTime);
    }

    /// A node's: whatever way of capture works here.
    public static PlaneOptions node(int threads) {
        return new PlaneOptions(
                threads, CaptureMode.AUTO, true, false, UdpOptions.DEFAULT, TcpOptions.DEFAULT, System::nanoTime);
    }

    public PlaneOptions withCapture(CaptureMode mode) {
        return new PlaneOptions(threads, mode, keepClientAddress, loopbackBackends, udp, tcp, clock);
    }

    public PlaneOptions withKeepClientAddress(boolean keep) {
        return new PlaneOptions(threads, capture, keep, loopbackBackends, udp, tcp, clock);
    }

    public PlaneOptions withUdp(UdpOptions options) {
        return new PlaneOptions(
                threads, capture, keepClientAddress, loopbackBackends, options, tcp, clock);
    }

    public PlaneOptions withTcp(TcpOptions options) {
        return new PlaneOptions(
                threads, capture, keepClientAddress, loopbackBackends, udp, options, clock);
    }

    PlaneOptions withClock(LongSupplier nanos) {
        return new PlaneOptions(threads, capture, keepClientAddress, loopbackBackends, udp, tcp, nanos);
    }
}
