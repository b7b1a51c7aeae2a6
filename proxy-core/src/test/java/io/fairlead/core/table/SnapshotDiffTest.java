package io.fairlead.core.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.ServiceSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SnapshotDiffTest {

    private static final AddressPort AT = new AddressPort(IpAddress.parse("10.96.0.1"), 80);

    @Test
    void equalSnapshotsDifferInNothing() {
        assertThat(SnapshotDiff.between(ServiceSnapshot.EMPTY, ServiceSnapshot.EMPTY)).isEmpty();
        assertThat(SnapshotDiff.between(snapshot(port("a", 80)), snapshot(port("a", 80))))
                .isEmpty();
    }

    @Test
    void tellsWhatWasAddedUpdatedAndRemoved() {
        ServicePort same = port("same", 80);
        ServicePort before = port("changed", 80);
        ServicePort after = port("changed", 81);
        ServicePort gone = port("gone", 80);
        ServicePort added = port("new", 80);
        assertThat(SnapshotDiff.between(snapshot(same, before, gone), snapshot(same, after, added)))
                .containsExactlyInAnyOrder(
                        new ServiceChange.Updated(before, after),
                        new ServiceChange.Removed(gone),
                        new ServiceChange.Added(added));
    }

    /// The changes, carried out on the one snapshot, make the other.
    @ParameterizedTest
    @MethodSource("io.fairlead.core.testing.Seeds#few")
    void theChangesLeadFromOneToTheOther(long seed) {
        Random random = new Random(seed);
        ServiceSnapshot before = random(random);
        for (int i = 0; i < 50; i++) {
            ServiceSnapshot after = random(random);
            Map<ServicePortName, ServicePort> ports = new HashMap<>();
            before.ports().forEach(p -> ports.put(p.name(), p));
            for (ServiceChange change : SnapshotDiff.between(before, after)) {
                switch (change) {
                    case ServiceChange.Added(ServicePort p) ->
                            assertThat(ports.put(p.name(), p)).isNull();
                    case ServiceChange.Updated(ServicePort old, ServicePort p) ->
                            assertThat(ports.put(p.name(), p)).isEqualTo(old).isNotEqualTo(p);
                    case ServiceChange.Removed(ServicePort p) ->
                            assertThat(ports.remove(p.name())).isEqualTo(p);
                }
            }
            assertThat(ports.values()).containsExactlyInAnyOrderElementsOf(after.ports());
            before = after;
        }
    }

    private static ServiceSnapshot random(Random random) {
        List<ServicePort> ports = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            if (random.nextBoolean()) {
                ports.add(port("s" + i, 80 + random.nextInt(2)));
            }
        }
        return ServiceSnapshot.of(ports, NodeNetwork.EMPTY);
    }

    private static ServiceSnapshot snapshot(ServicePort... ports) {
        return ServiceSnapshot.of(List.of(ports), NodeNetwork.EMPTY);
    }

    private static ServicePort port(String name, int vipPort) {
        return Entries.port(
                name, Protocol.TCP, BackendSet.REJECT, new AddressPort(AT.address(), vipPort));
    }
}
