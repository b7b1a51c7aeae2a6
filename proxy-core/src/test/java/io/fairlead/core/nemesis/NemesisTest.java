package io.fairlead.core.nemesis;

import static io.fairlead.core.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.DataPlane;
import io.fairlead.core.PlaneOptions;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.service.Balancing.Policy;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.testing.Services;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Flows while everything around them breaks: no byte is lost, doubled or mixed, no flow is cut
/// without a cause, and while one backend of a Service is good, every new flow finds it.
///
/// `-Dfairlead.nemesis.seed=N` draws the same faults again, `-Dfairlead.nemesis.seconds=3600` goes
/// on for an hour.
class NemesisTest {

    private static final int CLIENTS = 16;
    private static final int BACKENDS = 3;

    private final Ledger ledger = new Ledger();
    private final List<FrameService> services = new ArrayList<>();

    private FrameService service(String name, Policy policy, FlowRules rules) throws IOException {
        List<FrameBackend> backends = new ArrayList<>();
        for (int i = 0; i < BACKENDS; i++) {
            backends.add(new FrameBackend(ledger));
        }
        FrameService service = new FrameService(name, policy, rules, backends);
        services.add(service);
        return service;
    }

    private void apply(DataPlane plane) {
        ServicePort[] ports = services.stream().map(FrameService::port).toArray(ServicePort[]::new);
        assertThat(plane.apply(Services.snapshot(ports))).isEmpty();
        assertThat(plane.maintain()).isEmpty();
    }

    @Test
    void nothingIsLost() throws Exception {
        long seed = Long.getLong("fairlead.nemesis.seed", System.nanoTime());
        int seconds = Integer.getInteger("fairlead.nemesis.seconds", 15);
        System.out.println("nemesis: seed " + seed + ", " + seconds + " s");
        var _ = service("left-alone", Policy.LEAST_CONNECTIONS, FlowRules.NONE);
        var _ =
                service(
                        "drained",
                        Policy.ROUND_ROBIN,
                        FlowRules.NONE.withDrainSeconds(0).withSlowStartSeconds(2));
        var _ = service("aged", Policy.MAGLEV, FlowRules.NONE.withMaxAgeSeconds(1));
        Random random = new Random(seed);
        try (DataPlane plane = DataPlane.start(PlaneOptions.loopback(2))) {
            apply(plane);
            long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(
                        Thread.ofVirtual()
                                .start(
                                        new FrameClient(
                                                services, ledger, random.nextLong(), endNs)));
            }
            new Nemesis(services, ledger, () -> apply(plane), random.nextLong()).run(endNs);
            for (Thread client : clients) {
                client.join();
            }
            eventually("no flow is left", () -> plane.liveFlows() == 0);
            for (FlowEnd end : FlowEnd.values()) {
                System.out.println("nemesis: " + end.word() + " " + plane.endedFlows(end));
            }
            System.out.println("nemesis: " + ledger);
            assertThat(ledger.violations()).as("seed %d", seed).isEmpty();
            assertThat(plane.endedFlows(FlowEnd.FAILED)).isZero();
            assertThat(ledger.counted("whole")).as("flows that came through").isPositive();
        } finally {
            for (FrameService service : services) {
                for (FrameBackend backend : service.backends()) {
                    backend.close();
                }
            }
        }
    }
}
