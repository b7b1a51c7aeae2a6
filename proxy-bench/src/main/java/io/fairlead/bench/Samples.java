package io.fairlead.bench;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.balance.AffinityTable;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.BackendSpec;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.Vip;
import io.fairlead.core.table.ServiceEntry;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// What benchmarks run on: service ports, their backends and entries.
final class Samples {

    /// Where Services of [#port(int, int)] have theirs.
    static final int VIP_PORT = 80;

    /// The part of an IPv4 address that they share, as tables keep addresses.
    static final long VIP_HIGH = vip(0).high();

    static final ServicePortName PORT =
            new ServicePortName("default", "web", "http", Protocol.TCP, IpFamily.IPV4);

    private Samples() {}

    static AddressPort[] addresses(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new AddressPort(IpAddress.ofIpv4(0x0a00_0001 + i), 8080))
                .toArray(AddressPort[]::new);
    }

    /// Backends with 0 to 9 live flows each.
    static Backend[] backends(int count) {
        BackendGroup group = new BackendGroup(PORT);
        SplittableRandom random = new SplittableRandom(1);
        Backend[] backends =
                Arrays.stream(addresses(count)).map(group::backend).toArray(Backend[]::new);
        for (Backend backend : backends) {
            for (int flows = random.nextInt(10); flows > 0; flows--) {
                backend.acquire();
            }
        }
        return backends;
    }

    static int[] equalWeights(int count) {
        int[] weights = new int[count];
        Arrays.fill(weights, 1);
        return weights;
    }

    /// Weights 1, 2, 3, 4, 1, 2, 3, 4, ...
    static int[] mixedWeights(int count) {
        return IntStream.range(0, count).map(i -> 1 + i % 4).toArray();
    }

    private static IpAddress vip(int service) {
        return IpAddress.ofIpv4(0x0a60_0000 + service);
    }

    /// A Service of its own VIP.
    static ServicePort port(int service, int backends) {
        ServicePortName name =
                new ServicePortName("default", "s" + service, "", Protocol.TCP, IpFamily.IPV4);
        List<BackendSpec> specs =
                IntStream.range(0, backends)
                        .mapToObj(i -> BackendSpec.of(IpAddress.ofIpv4(0x0af4_0000 + i), 8080))
                        .toList();
        return new ServicePort(
                name,
                List.of(Vip.of(Vip.Kind.CLUSTER_IP, vip(service), VIP_PORT)),
                Balancing.DEFAULT,
                OptionalInt.empty(),
                BackendSet.forward(specs),
                null,
                null,
                false,
                Set.of(),
                List.of(),
                FlowRules.NONE);
    }

    static ServiceEntry entry(int service, int backends) {
        ServicePort port = port(service, backends);
        return ServiceEntry.of(port, new BackendGroup(port.name()), new AffinityTable(1));
    }

    /// Of Services with three backends each.
    static List<ServiceEntry> entries(int services) {
        return IntStream.range(0, services).mapToObj(service -> entry(service, 3)).toList();
    }
}
