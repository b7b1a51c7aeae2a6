package io.fairlead.core.table;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.ServicePortName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Any sequence of changes gives the table that a build from scratch gives, and tells truly what it
/// added and removed.
class TableBuilderTest {

    private static final int STEPS = 600;
    private static final Set<IpAddress> NODE = Set.of(IpAddress.parse("192.0.2.1"));
    private static final Set<IpAddress> NODE_MOVED =
            Set.of(IpAddress.parse("192.0.2.2"), IpAddress.parse("192.0.2.3"));

    /// Few addresses make service ports claim the same ones; many make the table grow and shrink.
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void anyPathLeadsToTheSameTable(long seed) {
        Random random = new Random(seed);
        int addresses = seed % 2 == 0 ? 12 : 4_000;
        TableBuilder builder = new TableBuilder(true);
        Map<ServicePortName, ServiceEntry> model = new TreeMap<>();
        Set<Frontend> captured = new HashSet<>();
        for (int step = 0; step < STEPS; step++) {
            List<ServiceEntry> put = new ArrayList<>();
            List<ServicePortName> gone = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                String name = "s" + random.nextInt(300);
                if (random.nextInt(3) == 0 && gone.isEmpty() && put.isEmpty()) {
                    ServicePortName old = Entries.name(name);
                    gone.add(old);
                    model.remove(old);
                } else if (gone.isEmpty()) {
                    ServiceEntry entry = Entries.random(name, random, addresses);
                    put.removeIf(e -> e.port().name().equals(entry.port().name()));
                    put.add(entry);
                    model.put(entry.port().name(), entry);
                }
            }
            Set<IpAddress> nodes = random.nextInt(50) == 0 ? NODE_MOVED : NODE;

            TableUpdate update = builder.update(put, gone, NodeNetwork.at(nodes));

            VipTable expected = VipTable.of(model.values(), NodeNetwork.at(nodes));
            assertThat(update.table().size()).isEqualTo(expected.size());
            for (Frontend frontend : frontends(expected.rows())) {
                VipTable.Row wanted = requireNonNull(expected.lookup(frontend));
                VipTable.Row found = requireNonNull(update.table().lookup(frontend));
                assertThat(found.entry()).isSameAs(wanted.entry());
            }
            Set<Frontend> added = frontends(update.added());
            assertThat(added).noneMatch(captured::contains);
            assertThat(frontends(update.changed())).allMatch(captured::contains);
            assertThat(update.removed()).allMatch(captured::contains);
            captured.removeAll(update.removed());
            captured.addAll(added);
            assertThat(captured).isEqualTo(frontends(expected.rows()));
        }
    }

    private static Set<Frontend> frontends(List<VipTable.Row> rows) {
        return rows.stream().map(VipTable.Row::frontend).collect(Collectors.toSet());
    }
}
