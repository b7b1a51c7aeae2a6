package io.fairlead.k8s.status;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.DataPlane;
import io.fairlead.core.PlaneOptions;
import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.backend.FlowCounters;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.service.Vip;
import io.fairlead.core.table.ServiceEntry;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The metrics of a node all of whose Services have had clients; how long they take is printed
/// (docs/tuning.md, with 10,000 of them).
class LargeScrapeTest {

    private static final int SERVICES = Integer.getInteger("fairlead.scrape.services", 2_000);
    private static final int SCRAPES = Integer.getInteger("fairlead.scrape.times", 3);

    @Test
    void everyServicePortHasItsSeries() throws Exception {
        try (DataPlane plane = DataPlane.start(PlaneOptions.loopback(2))) {
            List<ServicePort> ports = new ArrayList<>();
            for (int i = 0; i < SERVICES; i++) {
                ports.add(port(i));
            }
            plane.apply(ServiceSnapshot.of(ports, NodeNetwork.EMPTY));
            plane.view().forEach(LargeScrapeTest::use);
            ServiceMetrics metrics = new ServiceMetrics(plane, () -> 1_000);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (int i = 0; i < SCRAPES; i++) {
                out.reset();
                long start = System.nanoTime();
                metrics.writeTo(out);
                System.out.printf(
                        "metrics of %d Services: %d ms, %d KiB%n",
                        SERVICES,
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start),
                        out.size() >> 10);
            }
            String text = out.toString(UTF_8);
            assertThat(
                            text.lines()
                                    .filter(l ->
                                            l.startsWith("fairlead_service_flows_opened_total{")))
                    .hasSize(SERVICES);
        }
    }

    private static ServicePort port(int number) {
        IpAddress vip = IpAddress.ofIpv4(0x0a600000 + number);
        return new ServicePort(
                new ServicePortName(
                        "namespace-" + number % 50,
                        "service-" + number,
                        "http",
                        Protocol.TCP,
                        vip.family()),
                List.of(new Vip(Vip.Kind.CLUSTER_IP, new AddressPort(vip, 80))),
                Balancing.of(Balancing.Policy.LEAST_CONNECTIONS),
                OptionalInt.empty(),
                BackendSet.REJECT,
                null,
                null,
                false,
                Set.of(),
                List.of(),
                FlowRules.NONE);
    }

    /// As flows on two event loops would count.
    private static void use(ServiceEntry entry) {
        for (int loop = 0; loop < 2; loop++) {
            FlowCounters counters = entry.group().counters(loop);
            counters.onOpened();
            counters.onConnectFailure(ConnectFailure.REFUSED);
            counters.onConnectRetry(ConnectFailure.REFUSED);
            counters.onConnected(1_000_000);
            counters.onFirstByte(5_000_000);
            counters.onReceived(100);
            counters.onReturned(100_000);
            counters.onClosed(FlowEnd.FINISHED);
            counters.onClosed(FlowEnd.CLIENT_RESET);
        }
    }
}
