package io.fairlead.core.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.Vip;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VipTableTest {

    private static final String SEEDS = "io.fairlead.core.testing.Seeds#few";

    /// Against a HashMap: few addresses and ports, so that claims collide.
    @ParameterizedTest
    @MethodSource(SEEDS)
    void findsWhatAMapFinds(long seed) {
        Random random = new Random(seed);
        List<ServiceEntry> entries = new ArrayList<>();
        Map<Frontend, String> model = new HashMap<>();
        int services = 1 + random.nextInt(400);
        for (int i = 0; i < services; i++) {
            ServicePort port = randomPort("s" + i, random);
            entries.add(Entries.entry(port));
            if (Entries.ONE.equals(port.internal())) {
                for (Vip vip : port.vips()) {
                    // The name that sorts first has it.
                    model.merge(
                            new Frontend(port.name().protocol(), vip.at()),
                            port.name().service(),
                            (x, y) -> x.compareTo(y) <= 0 ? x : y);
                }
            }
        }
        Collections.shuffle(entries, random);
        VipTable table = VipTable.of(entries, NodeNetwork.EMPTY);

        assertThat(table.size()).isEqualTo(model.size());
        assertThat(table.frontends()).isEqualTo(model.keySet());
        model.forEach((frontend, name) -> assertThat(holder(table, frontend)).isEqualTo(name));
        for (int i = 0; i < 2_000; i++) {
            Frontend frontend =
                    new Frontend(
                            randomProtocol(random),
                            new AddressPort(
                                    randomAddress(randomFamily(random), random),
                                    1 + random.nextInt(6)));
            assertThat(holder(table, frontend)).isEqualTo(model.getOrDefault(frontend, ""));
        }
    }

    /// Whatever the order in which claims arrive, one frontend has one holder.
    @ParameterizedTest
    @MethodSource(SEEDS)
    void theSameEntriesInAnyOrderMakeTheSameTable(long seed) {
        Random random = new Random(seed);
        List<ServiceEntry> entries = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            entries.add(Entries.entry(randomPort("s" + i, random)));
        }
        VipTable table = VipTable.of(entries, NodeNetwork.EMPTY);
        Collections.shuffle(entries, random);
        VipTable shuffled = VipTable.of(entries, NodeNetwork.EMPTY);
        assertThat(shuffled.frontends()).isEqualTo(table.frontends());
        for (Frontend frontend : table.frontends()) {
            assertThat(holder(shuffled, frontend)).isEqualTo(holder(table, frontend));
        }
    }

    @Test
    void tenThousandConsecutiveVipsAreAllFound() {
        List<ServiceEntry> entries = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            AddressPort at = new AddressPort(IpAddress.ofIpv4(0x0a60_0000 + i), 80);
            entries.add(Entries.entry(Entries.port("s" + i, Protocol.TCP, Entries.ONE, at)));
        }
        VipTable table = VipTable.of(entries, NodeNetwork.EMPTY);
        assertThat(table.size()).isEqualTo(10_000);
        for (ServiceEntry entry : entries) {
            Vip vip = entry.port().vips().getFirst();
            assertThat(holder(table, new Frontend(Protocol.TCP, vip.at())))
                    .isEqualTo(entry.port().name().service());
        }
    }

    @Test
    void theSameBitsInAnotherFamilyProtocolOrPortAreNotFound() {
        AddressPort four = new AddressPort(IpAddress.parse("0.0.0.5"), 80);
        AddressPort six = new AddressPort(IpAddress.parse("::5"), 80);
        VipTable table =
                VipTable.of(
                        List.of(
                                Entries.entry(
                                        Entries.port("web", Protocol.TCP, Entries.ONE, four))),
                        NodeNetwork.EMPTY);
        assertThat(holder(table, new Frontend(Protocol.TCP, four))).isEqualTo("web");
        assertThat(holder(table, new Frontend(Protocol.TCP, six))).isEmpty();
        assertThat(holder(table, new Frontend(Protocol.UDP, four))).isEmpty();
        assertThat(holder(table, new Frontend(Protocol.TCP, new AddressPort(four.address(), 81))))
                .isEmpty();
    }

    @Test
    void theEmptyTableServesNothing() {
        assertThat(VipTable.EMPTY.size()).isZero();
        assertThat(VipTable.EMPTY.frontends()).isEmpty();
        assertThat(
                        holder(
                                VipTable.EMPTY,
                                new Frontend(Protocol.TCP, new AddressPort(IpAddress.ANY_IPV4, 1))))
                .isEmpty();
    }

    @Test
    void aServiceThatRefusesLeavesItsFrontendToAnother() {
        AddressPort at = new AddressPort(IpAddress.parse("10.96.0.1"), 80);
        VipTable table =
                VipTable.of(
                        List.of(
                                Entries.entry(
                                        Entries.port("a", Protocol.TCP, BackendSet.REJECT, at)),
                                Entries.entry(Entries.port("b", Protocol.TCP, Entries.ONE, at))),
                        NodeNetwork.EMPTY);
        assertThat(holder(table, new Frontend(Protocol.TCP, at))).isEqualTo("b");
    }

    private static String holder(VipTable table, Frontend frontend) {
        VipTable.Row row = table.lookup(frontend);
        return row == null ? "" : row.entry().port().name().service();
    }

    private static ServicePort randomPort(String name, Random random) {
        IpFamily family = randomFamily(random);
        AddressPort[] vips = new AddressPort[1 + random.nextInt(3)];
        for (int i = 0; i < vips.length; i++) {
            vips[i] = new AddressPort(randomAddress(family, random), 1 + random.nextInt(5));
        }
        return Entries.port(
                name,
                randomProtocol(random),
                random.nextInt(10) == 0 ? BackendSet.REJECT : Entries.ONE,
                vips);
    }

    private static Protocol randomProtocol(Random random) {
        return random.nextBoolean() ? Protocol.TCP : Protocol.UDP;
    }

    private static IpFamily randomFamily(Random random) {
        return random.nextBoolean() ? IpFamily.IPV4 : IpFamily.IPV6;
    }

    /// IPv6 addresses that share their low half with IPv4 ones, and each other's halves.
    private static IpAddress randomAddress(IpFamily family, Random random) {
        int low = 1 + random.nextInt(40);
        return switch (family) {
            case IPV4 -> IpAddress.ofIpv4(low);
            case IPV6 -> IpAddress.ofIpv6(random.nextInt(3), low);
        };
    }
}
