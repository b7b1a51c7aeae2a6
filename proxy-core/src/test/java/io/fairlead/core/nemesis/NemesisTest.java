package io.fairlead.core.nemesis;

import static io.fairlead.core.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.DataPlane;
import io.fairlead.core.PlaneOptions;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Balancing.Policy;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.tcp.TcpOptions;
import io.fairlead.core.testing.Eventually;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.Services;
import io.fairlead.lab.frames.FrameBackend;
import io.fairlead.lab.frames.FrameClient;
import io.fairlead.lab.frames.FrameService;
import io.fairlead.lab.frames.Ledger;
import io.fairlead.lab.frames.Nemesis;
import io.fairlead.lab.frames.Place;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Flows while everything around them breaks: no byte is lost, doubled or mixed, no flow is cut
/// without a cause, and while one backend of a Service is good, every new flow finds it.
///
/// `-Dfairlead.nemesis.seed=N` draws the same faults again, `-Dfairlead.nemesis.seconds=3600` goes
/// on for an hour. AgentNemesisTest of proxy-k8s does the same to a whole agent.
class NemesisTest {

    private static final int CLIENTS = 16;
    private static final int BACKENDS = 3;

    /// Descriptors that are left when there are too few: less than the relay keeps back, enough for
    /// clients and backends of the same process, and for connections of theirs that end late.
    private static final int LEFT = 200;

    private static final int RESERVE = 256;

    private final Ledger ledger = new Ledger();
    private final Map<FrameService, ServicePort> services = new LinkedHashMap<>();

    private void service(String name, Policy policy, FlowRules rules) throws IOException {
        List<FrameBackend> backends = new ArrayList<>();
        for (int i = 0; i < BACKENDS; i++) {
            backends.add(new FrameBackend(ledger, Place.here()));
        }
        AddressPort vip = Loopback.vip();
        FrameService service =
                new FrameService(
                        name,
                        new InetSocketAddress(vip.address().toInetAddress(), vip.port()),
                        rules.maxAgeSeconds(),
                        rules.drainSeconds(),
                        backends);
        services.put(service, Services.clusterIp(name, vip, policy, List.of()).withFlows(rules));
    }

    private static ServicePort port(FrameService service, ServicePort without) {
        List<AddressPort> listed =
                service.listed().stream()
                        .map(b ->
                                new AddressPort(
                                        IpAddress.of(b.at().getAddress()), b.at().getPort()))
                        .toList();
        return Services.clusterIp(
                        service.name(),
                        without.vips().getFirst().at(),
                        without.balancing().policy(),
                        listed)
                .withFlows(without.flows());
    }

    private void apply(DataPlane plane) {
        ServicePort[] ports =
                services.entrySet().stream()
                        .map(e -> port(e.getKey(), e.getValue()))
                        .toArray(ServicePort[]::new);
        assertThat(plane.apply(Services.snapshot(ports))).isEmpty();
        assertThat(plane.maintain()).isEmpty();
    }

    private static void takeDescriptors(Nemesis nemesis) throws IOException {
        List<FileInputStream> files = new ArrayList<>();
        try {
            for (int i = 0; i < 1_000_000; i++) {
                files.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException _) {
            // Now there are none left.
        }
        for (int i = 0; i < LEFT && !files.isEmpty(); i++) {
            files.removeLast().close();
        }
        Eventually.pause(nemesis.nanos(300, 600));
        for (FileInputStream file : files) {
            file.close();
        }
    }

    private Nemesis nemesis(DataPlane plane, long seed) {
        Nemesis nemesis =
                new Nemesis(
                        List.copyOf(services.keySet()),
                        ledger,
                        _ -> {
                            apply(plane);
                            return 0;
                        },
                        seed);
        nemesis.may(1, "relisted", () -> apply(plane));
        nemesis.may(
                1,
                "short of descriptors, one in four",
                () -> {
                    if (nemesis.draw(4) == 0) {
                        takeDescriptors(nemesis);
                    }
                });
        return nemesis;
    }

    @Test
    void nothingIsLost() throws Exception {
        long seed = Long.getLong("fairlead.nemesis.seed", System.nanoTime());
        int seconds = Integer.getInteger("fairlead.nemesis.seconds", 30);
        System.out.println("nemesis: seed " + seed + ", " + seconds + " s");
        service("left-alone", Policy.LEAST_CONNECTIONS, FlowRules.NONE);
        service(
                "drained",
                Policy.ROUND_ROBIN,
                FlowRules.NONE.withDrainSeconds(0).withSlowStartSeconds(2));
        service("aged", Policy.MAGLEV, FlowRules.NONE.withMaxAgeSeconds(1));
        Random random = new Random(seed);
        PlaneOptions options =
                PlaneOptions.loopback(2).withTcp(TcpOptions.DEFAULT.withDescriptorReserve(RESERVE));
        try (DataPlane plane = DataPlane.start(options)) {
            apply(plane);
            long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(
                        Thread.ofVirtual()
                                .start(
                                        new FrameClient(
                                                List.copyOf(services.keySet()),
                                                ledger,
                                                Place.here(),
                                                random.nextLong(),
                                                endNs)));
            }
            nemesis(plane, random.nextLong()).run(endNs);
            for (Thread client : clients) {
                client.join();
            }
            eventually("no flow is left", () -> plane.liveFlows() == 0);
            for (FlowEnd end : FlowEnd.values()) {
                System.out.println("nemesis: " + end.word() + " " + plane.counts().endedFlows(end));
            }
            System.out.println("nemesis: " + ledger);
            assertThat(ledger.violations()).as("seed %d", seed).isEmpty();
            assertThat(plane.counts().endedFlows(FlowEnd.FAILED)).isZero();
            assertThat(ledger.counted("whole")).as("flows that came through").isPositive();
        } finally {
            for (FrameService service : services.keySet()) {
                for (FrameBackend backend : service.backends()) {
                    backend.close();
                }
            }
        }
    }
}
