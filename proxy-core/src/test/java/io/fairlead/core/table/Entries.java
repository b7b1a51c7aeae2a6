package io.fairlead.core.table;

import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.BackendSpec;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.Vip;
import java.util.List;
import java.util.OptionalInt;

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
                List.of());
    }

    static ServiceEntry entry(ServicePort port) {
        return ServiceEntry.of(port, new BackendGroup(port.name()));
    }
}
