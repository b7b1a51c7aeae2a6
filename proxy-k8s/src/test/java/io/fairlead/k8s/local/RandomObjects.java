package io.fairlead.k8s.local;

import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.k8s.cluster.AddressField;
import io.fairlead.k8s.cluster.ClusterIps;
import io.fairlead.k8s.cluster.ClusterObject;
import io.fairlead.k8s.cluster.Endpoint;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.FlowSetting;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.ServiceAddresses;
import io.fairlead.k8s.cluster.ServiceAddresses.LoadBalancerIngress;
import io.fairlead.k8s.cluster.ServicePolicy;
import io.fairlead.k8s.cluster.ServicePortSpec;
import io.fairlead.k8s.cluster.ServiceSpec;
import io.fairlead.k8s.cluster.ServiceTraits;
import io.fairlead.k8s.cluster.ServiceType;
import io.fairlead.k8s.cluster.SlicePort;
import io.fairlead.k8s.cluster.SourceRanges;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Random objects of a small world, in which addresses, ports and names collide often.
final class RandomObjects {
    private static final int SERVICES = 12;

    private final Random random;

    RandomObjects(long seed) {
        random = new Random(seed);
    }

    Random random() {
        return random;
    }

    /// The key of some object that may or may not exist.
    ObjectKey key() {
        return object().key();
    }

    ClusterObject object() {
        return switch (random.nextInt(20)) {
            case 0 -> node();
            case 1, 2, 3, 4, 5, 6, 7 -> service();
            default -> slice();
        };
    }

    private ClusterObject node() {
        String zone = pick("a", "b", "");
        return Clusters.node(
                pick("n1", "n2"), zone.isEmpty() ? null : zone, pick("10.1.1.1", "::1"));
    }

    private ServiceSpec service() {
        List<ServicePortSpec> ports = new ArrayList<>();
        for (int i = 0; i < random.nextInt(3); i++) {
            ports.add(
                    new ServicePortSpec(
                            i,
                            pick("http", "admin", ""),
                            random.nextInt(4) == 0 ? Protocol.UDP : Protocol.TCP,
                            80 + random.nextInt(2),
                            random.nextInt(3) == 0 ? 30_000 + random.nextInt(4) : 0));
        }
        ServiceType[] types = ServiceType.values();
        return new ServiceSpec(
                Clusters.name("s" + random.nextInt(SERVICES)),
                traits(),
                types[random.nextInt(types.length)],
                addresses(),
                ports,
                policy());
    }

    private ServiceTraits traits() {
        Instant created = Instant.EPOCH.plusSeconds(random.nextInt(3));
        boolean known = random.nextInt(4) != 0;
        Balancing.Policy policy = random.nextBoolean() ? Balancing.Policy.MAGLEV : null;
        return new ServiceTraits(
                known ? created : null,
                random.nextInt(10) == 0 ? "other" : null,
                policy,
                random.nextInt(3) == 0 ? 125 : Balancing.UNBOUNDED,
                random.nextInt(3) == 0 ? Map.of(FlowSetting.DRAIN, random.nextInt(2)) : Map.of());
    }

    private ServiceAddresses addresses() {
        AddressField four = at("10.96.0." + random.nextInt(6), "spec.clusterIP");
        AddressField six = at("fd00::" + (1 + random.nextInt(4)), "spec.clusterIPs[1]");
        ClusterIps ips =
                switch (random.nextInt(5)) {
                    case 0 -> new ClusterIps(true, null, List.of(), false);
                    case 1, 2 -> new ClusterIps(false, four, List.of(four, six), true);
                    default -> new ClusterIps(false, four, List.of(), false);
                };
        List<AddressField> external = new ArrayList<>();
        if (random.nextInt(4) == 0) {
            external.add(at("10.96.0." + random.nextInt(6), "spec.externalIPs[0]"));
        }
        List<LoadBalancerIngress> ingress = new ArrayList<>();
        if (random.nextInt(3) == 0) {
            AddressField at = at("10.99.0." + random.nextInt(3), "status");
            ingress.add(new LoadBalancerIngress(at, random.nextInt(4) != 0));
        }
        return new ServiceAddresses(ips, external, ingress);
    }

    private static AddressField at(String address, String field) {
        return Clusters.at(address, field);
    }

    private ServicePolicy policy() {
        return new ServicePolicy(
                random.nextInt(3) == 0,
                random.nextInt(3) == 0,
                random.nextInt(3) == 0 ? OptionalInt.of(60) : OptionalInt.empty(),
                random.nextInt(3) == 0 ? 32_000 : 0,
                random.nextInt(3) == 0
                        ? new SourceRanges(List.of(Cidr.parse("10.1.0.0/16")), random.nextBoolean())
                        : SourceRanges.ALL);
    }

    private EndpointSliceSpec slice() {
        IpFamily family = random.nextInt(4) == 0 ? IpFamily.IPV6 : IpFamily.IPV4;
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < random.nextInt(4); i++) {
            endpoints.add(endpoint(i, family));
        }
        String service = "s" + random.nextInt(SERVICES);
        List<SlicePort> ports =
                List.of(
                        new SlicePort("http", Protocol.TCP, 8080),
                        new SlicePort(pick("admin", ""), Protocol.TCP, 8080 + random.nextInt(2)));
        return new EndpointSliceSpec(
                new ObjectName("default", "e" + random.nextInt(3 * SERVICES)),
                Clusters.name(service),
                family,
                new EndpointSliceSpec.SliceTraits(random.nextInt(10) == 0, 1 + random.nextInt(2)),
                ports,
                endpoints);
    }

    private Endpoint endpoint(int index, IpFamily family) {
        int host = 1 + random.nextInt(5);
        IpAddress address =
                IpAddress.parse(family == IpFamily.IPV4 ? "10.0.0." + host : "fd01::" + host);
        if (random.nextInt(20) == 0) {
            address = IpAddress.parse(family == IpFamily.IPV4 ? "127.0.0.1" : "fe80::1");
        }
        return new Endpoint(
                index,
                address,
                random.nextInt(4) == 0 ? null : pick("n1", "n2"),
                new Endpoint.Conditions(maybe(), maybe(), maybe()),
                random.nextInt(3) == 0
                        ? Endpoint.Hints.NONE
                        : new Endpoint.Hints(Set.of(pick("a", "b")), Set.of()));
    }

    private @Nullable Boolean maybe() {
        return random.nextInt(3) == 0 ? null : random.nextBoolean();
    }

    private String pick(String... of) {
        return of[random.nextInt(of.length)];
    }
}
