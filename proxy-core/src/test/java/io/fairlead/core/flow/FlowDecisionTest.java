package io.fairlead.core.flow;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.balance.AffinityTable;
import io.fairlead.core.balance.HashKey;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.BackendSpec;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.Vip;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.table.ServiceEntry;
import io.fairlead.core.table.VipTable;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is told beforehand against what then happens.
class FlowDecisionTest {

    /// With ten seeds, 10,000 flows.
    private static final int FLOWS = 1_000;

    private static final int SERVICES = 40;
    private static final Balancing.Policy[] POLICIES = Balancing.Policy.values();

    private final BackendChoice choice = new BackendChoice();
    private final FlowTuple flow = new FlowTuple();
    private final ClientAddresses addresses = new ClientAddresses();
    private final AffinityTable clients = new AffinityTable(1 << 12);

    @ParameterizedTest
    @MethodSource("io.fairlead.core.testing.Seeds#few")
    void theDecisionIsWhatThenHappens(long seed) {
        Random random = new Random(seed);
        VipTable table = table(random);
        addresses.allow(List.of(IpFamily.IPV4), List.of());
        List<VipTable.Row> rows = table.rows();
        for (int i = 0; i < FLOWS; i++) {
            AddressPort at =
                    random.nextInt(20) == 0
                            ? new AddressPort(ip("10.96.9.9"), 80)
                            : rows.get(random.nextInt(rows.size())).frontend().at();
            IpAddress client = client(random);
            flow.arrivedAt(Protocol.TCP, at)
                    .from(client.high(), client.low(), 1_024 + random.nextInt(60_000))
                    .when(i);
            follow(table, FlowDecision.of(table, flow, addresses));
        }
    }

    private void follow(VipTable table, FlowDecision told) {
        VipTable.Row row = FlowRouter.row(table, flow);
        BackendPool pool = FlowRouter.pool(table, row, flow);
        assertThat(told.row()).isSameAs(row);
        assertThat(told.pool()).isSameAs(pool);
        if (row == null || pool == null) {
            assertThat(told.backend()).isNull();
            return;
        }
        Backend picked = choice.first(table, pool, flow);
        boolean refused = FlowRouter.dialRefusal(table, picked, flow) != null;
        Backend led = refused ? choice.next(table, pool, flow, new Backend[0]) : picked;
        if (told.foreseen() != FlowDecision.NONE) {
            assertThat(picked).isSameAs(pool.backend(told.foreseen()));
        }
        if (told.sticky() != FlowDecision.NONE) {
            assertThat(picked).isSameAs(pool.backend(told.sticky()));
        }
        if (told.backend() != null || (isCertain(told, pool) && !refused)) {
            assertThat(told.backend()).isSameAs(led);
        }
        assertThat(told.dialable() == 0).isEqualTo(led == null);
        if (led != null && told.backend() != null) {
            assertThat(told.keepsClient()).isEqualTo(FlowRouter.keepsClient(table, row, flow, led));
            led.acquire(); // so that loads differ
        }
    }

    /// Where no chance is involved, the backend is named.
    private static boolean isCertain(FlowDecision told, BackendPool pool) {
        boolean chance =
                pool.picker().hashKey() == HashKey.NONE
                        && told.foreseen() == FlowDecision.NONE
                        && told.dialable() > 1;
        return !chance;
    }

    private static IpAddress client(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> ip("10.0.0.1"); // this node
            case 1 -> ip("10.244.0." + random.nextInt(1, 20));
            case 2 -> ip("203.0.113." + random.nextInt(1, 200));
            default -> ip("198.51.100." + random.nextInt(1, 200));
        };
    }

    private VipTable table(Random random) {
        List<ServiceEntry> entries = new ArrayList<>();
        for (int i = 0; i < SERVICES; i++) {
            ServicePortName name =
                    new ServicePortName("default", "s" + i, "", Protocol.TCP, IpFamily.IPV4);
            Balancing.Policy policy = POLICIES[random.nextInt(POLICIES.length)];
            ServicePort port =
                    new ServicePort(
                            name,
                            List.of(
                                    Vip.of(Vip.Kind.CLUSTER_IP, ip("10.96.0." + (i + 1)), 80),
                                    Vip.of(Vip.Kind.LOAD_BALANCER, ip("192.0.2." + (i + 1)), 80),
                                    Vip.nodePort(IpFamily.IPV4, 30_000 + i)),
                            new Balancing(policy, random.nextInt(3) == 0 ? 125 : 0),
                            random.nextInt(3) == 0 ? OptionalInt.of(10) : OptionalInt.empty(),
                            set(random),
                            set(random),
                            set(random),
                            random.nextBoolean(),
                            Set.of(),
                            random.nextInt(4) == 0
                                    ? List.of(Cidr.parse("203.0.113.0/25"))
                                    : List.of(),
                            FlowRules.NONE);
            entries.add(ServiceEntry.of(port, new BackendGroup(name), clients));
        }
        NodeNetwork node =
                NodeNetwork.at(Set.of(ip("10.0.0.1")))
                        .withPodCidrs(
                                List.of(Cidr.parse("10.244.0.0/16")),
                                List.of(Cidr.parse("10.244.0.0/24")));
        return VipTable.of(entries, node);
    }

    private static BackendSet set(Random random) {
        List<BackendSpec> backends = new ArrayList<>();
        int count = random.nextInt(6);
        for (int i = 0; i < count; i++) {
            // Some of them are VIPs of the table, which must not be dialled.
            String address = (random.nextInt(8) == 0 ? "10.96.0." : "10.244.0.") + (10 + i);
            backends.add(new BackendSpec(new AddressPort(ip(address), 80), 1 + random.nextInt(3)));
        }
        return backends.isEmpty()
                ? random.nextBoolean() ? BackendSet.REJECT : BackendSet.DROP
                : BackendSet.forward(backends);
    }

    private static IpAddress ip(@Nullable String text) {
        return IpAddress.parse(requireNonNull(text));
    }
}
