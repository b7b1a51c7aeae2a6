package io.fairlead.core.table;

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
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;

/// Short ways to say what a table holds.
final class Entries {

    static final BackendSet ONE =
            BackendSet.forward(List.of(BackendSpec.of(IpAddress.parse("10.0.0.1"), 80)));

    private Entries() {}

    static ServicePort port(String name, Protocol protocol, BackendSet set, AddressPort... vips) {
        IpFamily family = vips[0].address().family();
        return new ServicePort(
                new ServicePortName("default", name, "", protocol, family),
                List.of(vips).stream().map(at -> new Vip(Vip.Kind.CLUSTER_IP, at)).toList(),
                Balancing.DEFAULT,
                OptionalInt.empty(),
                set,
                null,
                null,
                false,
                Set.of(),
                List.of(),
                FlowRules.NONE);
    }

    static ServiceEntry entry(ServicePort port) {
        return ServiceEntry.of(port, new BackendGroup(port.name()), new AffinityTable(1));
    }

    /// The name that [#random] gives.
    static ServicePortName name(String service) {
        return new ServicePortName("default", service, "", Protocol.TCP, IpFamily.IPV4);
    }

    /// An entry with a ClusterIP among so many addresses, maybe a NodePort, maybe no backend.
    static ServiceEntry random(String service, Random random, int addresses) {
        BackendSet set = random.nextInt(6) == 0 ? BackendSet.REJECT : ONE;
        List<Vip> vips = new ArrayList<>();
        vips.add(Vip.of(Vip.Kind.CLUSTER_IP, vip(random.nextInt(addresses)), 80));
        if (random.nextInt(4) == 0) {
            vips.add(Vip.nodePort(IpFamily.IPV4, 30_000 + random.nextInt(addresses)));
        }
        return entry(
                new ServicePort(
                        name(service),
                        vips,
                        Balancing.DEFAULT,
                        OptionalInt.empty(),
                        set,
                        set,
                        set,
                        false,
                        Set.of(),
                        List.of(),
                        FlowRules.NONE));
    }

    private static IpAddress vip(int number) {
        return IpAddress.ofIpv4(0x0a60_0000 + number);
    }
}
