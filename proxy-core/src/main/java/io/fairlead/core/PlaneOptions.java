package io.fairlead.core;

import io.fairlead.core.capture.CaptureMode;
import java.util.function.LongSupplier;

/// What a data plane is started with.
///
/// @param threads event loops
/// @param capture how clients are made to arrive
/// @param keepClientAddress whether backends see the client's own address where kube-proxy would
///   have shown it; only where capture is not by loopback and the kernel lets us
/// @param loopbackBackends whether backends may be on loopback for any client; else only for
///   clients of loopback VIPs
/// @param clock nanoseconds, from any start, never backwards; for session affinity
public record PlaneOptions(
        int threads,
        CaptureMode capture,
        boolean keepClientAddress,
        boolean loopbackBackends,
        LongSupplier clock) {

    /// Listeners on this machine's own addresses, no privilege.
    public static PlaneOptions loopback(int threads) {
        return new PlaneOptions(threads, CaptureMode.LOOPBACK, false, true, System::nanoTime);
    }

    /// A node's: whatever way of capture works here.
    public static PlaneOptions node(int threads) {
        return new PlaneOptions(threads, CaptureMode.AUTO, true, false, System::nanoTime);
    }

    public PlaneOptions withCapture(CaptureMode mode) {
        return new PlaneOptions(threads, mode, keepClientAddress, loopbackBackends, clock);
    }

    public PlaneOptions withKeepClientAddress(boolean keep) {
        return new PlaneOptions(threads, capture, keep, loopbackBackends, clock);
    }

    PlaneOptions withClock(LongSupplier nanos) {
        return new PlaneOptions(threads, capture, keepClientAddress, loopbackBackends, nanos);
    }
}
