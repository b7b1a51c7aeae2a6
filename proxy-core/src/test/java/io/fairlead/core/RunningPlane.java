package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A data plane for one test. When the test is over, every flow must end and leave nothing behind:
/// no count on a backend, no block of memory.
final class RunningPlane implements AfterEachCallback {

    static final int LOOPS = 2;

    private final DataPlane plane;
    private boolean closed;

    RunningPlane() {
        this(PlaneOptions.loopback(LOOPS));
    }

    /// One that goes by the test's clock.
    RunningPlane(LongSupplier clock) {
        this(PlaneOptions.loopback(LOOPS).withClock(clock));
    }

    RunningPlane(PlaneOptions options) {
        try {
            PlaneOptions tested = TestedWay.of(options);
            plane = DataPlane.start(tested);
            // Not another one, which it falls back to.
            assertThat(plane.transport()).startsWith(tested.loops().transport().word());
            assertThat(plane.transport()).doesNotContain("refused");
        } catch (IOException e) {
            throw new UncheckedIOException(e); // listeners on loopback need nothing
        }
    }

    DataPlane plane() {
        return plane;
    }

    /// Serves these backends, and nothing else, at a VIP of its own.
    AddressPort serve(TestServer... backends) {
        return serve(Loopback.vip(), backends);
    }

    AddressPort serve(AddressPort vip, TestServer... backends) {
        assertThat(plane.apply(snapshot(clusterIp("web", vip, backends)))).isEmpty();
        return vip;
    }

    /// Serves one backend by its address, whether or not anything listens there.
    AddressPort serveAddress(AddressPort backend) {
        AddressPort vip = Loopback.vip();
        assertThat(
                        plane.apply(
                                snapshot(
                                        clusterIp(
                                                "web",
                                                vip,
                                                io.fairlead.core.service.Balancing.Policy
                                                        .LEAST_CONNECTIONS,
                                                java.util.List.of(backend)))))
                .isEmpty();
        return vip;
    }

    /// Ends it before the test does.
    void close() {
        closed = true;
        plane.close();
    }

    void awaitIdle() {
        eventually("no live flow", () -> plane.liveFlows() == 0);
        eventually("no flow held by a backend", () -> liveOnBackends() == 0);
        assertThat(plane.counts().heldBlocks()).isZero();
        assertThat(plane.counts().heldPipes()).isZero();
    }

    /// Flows as the backends count them.
    int liveOnBackends() {
        return plane.view().stream()
                .flatMap(entry -> entry.group().backends().stream())
                .mapToInt(Backend::live)
                .sum();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (closed) {
            return;
        }
        try (plane) {
            awaitIdle();
        }
    }
}
