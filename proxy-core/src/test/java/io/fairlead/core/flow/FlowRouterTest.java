package io.fairlead.core.flow;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.balance.AffinityTable;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.BackendSpec;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Balancing.Policy;
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
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FlowRouterTest {

    private static final int SERVICE_PORTS = 10_000;
    private static final int FLOWS = 20_000;

    private final FlowTuple flow = new FlowTuple();

    /// A client outside the cluster, a pod or node, and the ClusterIP have a set each (SEMANTICS
    /// A5).
    @Test
    void theSetDependsOnTheVipAndTheClient() {
        IpAddress node = IpAddress.parse("192.0.2.1");
        VipTable table =
                table(
                        Set.of(node),
                        List.of(
                                vip(Vip.Kind.CLUSTER_IP, "10.96.0.1"),
                                vip(Vip.Kind.LOAD_BALANCER, "198.51.100.1"),
                                vip(Vip.Kind.EXTERNAL_IP, "198.51.100.2"),
                                Vip.nodePort(IpFamily.IPV4, 30_000)),
                        List.of());
        assertThat(backend(table, "203.0.113.9", "10.96.0.1", 80)).isEqualTo("10.0.0.1:80");
        for (String at : List.of("198.51.100.1", "198.51.100.2")) {
            assertThat(backend(table, "203.0.113.9", at, 80)).isEqualTo("10.0.0.2:80");
            assertThat(backend(table, "192.0.2.1", at, 80)).isEqualTo("10.0.0.3:80");
            assertThat(backend(table, "127.0.0.1", at, 80)).isEqualTo("10.0.0.3:80");
        }
        assertThat(backend(table, "203.0.113.9", "192.0.2.1", 30_000)).isEqualTo("10.0.0.2:80");
        assertThat(backend(table, "192.0.2.1", "192.0.2.1", 30_000)).isEqualTo("10.0.0.3:80");
        assertThat(backend(table, "203.0.113.9", "192.0.2.2", 30_000)).isNull();
        assertThat(backend(table, "203.0.113.9", "10.96.0.1", 81)).isNull();
    }

    /// SEMANTICS A8.6: source ranges bind load-balancer VIPs only.
    @Test
    void sourceRangesBindTheLoadBalancer() {
        VipTable table =
                table(
                        Set.of(),
                        List.of(
                                vip(Vip.Kind.LOAD_BALANCER, "198.51.100.1"),
                                vip(Vip.Kind.EXTERNAL_IP, "198.51.100.2")),
                        List.of(Cidr.parse("203.0.113.0/28")));
        assertThat(backend(table, "203.0.113.15", "198.51.100.1", 80)).isEqualTo("10.0.0.2:80");
        assertThat(backend(table, "203.0.113.16", "198.51.100.1", 80)).isNull();
        assertThat(backend(table, "203.0.113.16", "198.51.100.2", 80)).isEqualTo("10.0.0.2:80");
    }

    @ParameterizedTest
    @EnumSource(Policy.class)
    void leadingAFlowAllocatesNothing(Policy policy) {
        VipTable table = largeTable(policy);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        // What the path allocates shows in every round; what the JVM does for itself does not.
        for (int round = 0; round < 20; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            int found = leadFlows(table);
            allocated = Math.min(allocated, threads.getCurrentThreadAllocatedBytes() - before);
            assertThat(found).isEqualTo(FLOWS);
        }
        assertThat(allocated).isZero();
    }

    private int leadFlows(VipTable table) {
        int found = 0;
        for (int i = 0; i < FLOWS; i++) {
            flow.vipHigh = 0;
            flow.vipLow = vipBits(i % SERVICE_PORTS);
            flow.vipPort = 80;
            flow.tag = VipTable.tag(Protocol.TCP, IpFamily.IPV4, 80);
            BackendPool pool = pool(table, flow.from(0, 0x0a00_0000L + i, 1024 + i));
            if (pool != null) {
                Backend backend = FlowRouter.pick(pool, flow);
                backend.acquire();
                backend.release();
                found++;
            }
        }
        return found;
    }

    private static long vipBits(int service) {
        return 0x0a60_0000L + service;
    }

    private static VipTable largeTable(Policy policy) {
        BackendSet set =
                BackendSet.forward(
                        List.of(spec("10.1.0.1", 1), spec("10.1.0.2", 2), spec("10.1.0.3", 3)));
        List<ServiceEntry> entries = new ArrayList<>();
        for (int i = 0; i < SERVICE_PORTS; i++) {
            ServicePortName name =
                    new ServicePortName("default", "s" + i, "", Protocol.TCP, IpFamily.IPV4);
            entries.add(
                    ServiceEntry.of(
                            new ServicePort(
                                    name,
                                    List.of(
                                            Vip.of(
                                                    Vip.Kind.CLUSTER_IP,
                                                    IpAddress.ofIpv4((int) vipBits(i)),
                                                    80)),
                                    Balancing.of(policy),
                                    OptionalInt.empty(),
                                    set,
                                    null,
                                    null,
                                    false,
                                    Set.of(),
                                    List.of(),
                                    FlowRules.NONE),
                            new BackendGroup(name),
                            new AffinityTable(1)));
        }
        return VipTable.of(entries, NodeNetwork.EMPTY);
    }

    private @Nullable String backend(VipTable table, String client, String at, int port) {
        IpAddress from = IpAddress.parse(client);
        flow.arrivedAt(Protocol.TCP, new AddressPort(IpAddress.parse(at), port))
                .from(from.high(), from.low(), 5_000);
        BackendPool pool = pool(table, flow);
        return pool == null ? null : requireNonNull(FlowRouter.pick(pool, flow)).toString();
    }

    private static @Nullable BackendPool pool(VipTable table, FlowTuple flow) {
        return FlowRouter.pool(table, FlowRouter.row(table, flow), flow);
    }

    private static VipTable table(Set<IpAddress> nodes, List<Vip> vips, List<Cidr> sources) {
        ServicePortName name =
                new ServicePortName("default", "web", "", Protocol.TCP, IpFamily.IPV4);
        ServicePort port =
                new ServicePort(
                        name,
                        vips,
                        Balancing.DEFAULT,
                        OptionalInt.empty(),
                        BackendSet.forward(List.of(spec("10.0.0.1", 1))),
                        BackendSet.forward(List.of(spec("10.0.0.2", 1))),
                        BackendSet.forward(List.of(spec("10.0.0.3", 1))),
                        false,
                        Set.of(),
                        sources,
                        FlowRules.NONE);
        return VipTable.of(
                List.of(ServiceEntry.of(port, new BackendGroup(name), new AffinityTable(1))),
                NodeNetwork.at(nodes));
    }

    private static Vip vip(Vip.Kind kind, String address) {
        return Vip.of(kind, IpAddress.parse(address), 80);
    }

    private static BackendSpec spec(String address, int weight) {
        return new BackendSpec(new AddressPort(IpAddress.parse(address), 80), weight);
    }
}
