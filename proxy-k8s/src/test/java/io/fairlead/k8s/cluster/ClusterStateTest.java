package io.fairlead.k8s.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.PersistentMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterStateTest {

    private static EndpointSliceSpec slice(String name, String service) {
        return new EndpointSliceSpec(
                new ObjectName("default", name),
                new ObjectName("default", service),
                IpFamily.IPV4,
                new EndpointSliceSpec.SliceTraits(false, 1),
                List.of(),
                List.of());
    }

    @Test
    void slicesAreFoundByServiceInTheOrderOfTheirNames() {
        ClusterState state =
                ClusterState.EMPTY
                        .with(slice("c", "web"))
                        .with(slice("a", "web"))
                        .with(slice("b", "x"));
        assertThat(state.slicesByService().get(new ObjectName("default", "web")))
                .extracting(s -> s.name().name())
                .containsExactly("a", "c");
    }

    @Test
    void aSliceThatMovesToAnotherServiceLeavesTheFirst() {
        ClusterState state = ClusterState.EMPTY.with(slice("a", "web")).with(slice("a", "api"));
        assertThat(state.slicesByService().get(new ObjectName("default", "web"))).isNull();
        assertThat(state.slicesByService().get(new ObjectName("default", "api"))).hasSize(1);
        assertThat(state.size()).isEqualTo(1);
    }

    @Test
    void anEqualObjectIsNoChange() {
        ClusterState state = ClusterState.EMPTY.with(slice("a", "web"));
        assertThat(state.with(slice("a", "web"))).isSameAs(state);
        assertThat(state.without(slice("b", "web").key())).isSameAs(state);
    }

    @Test
    void rangesOfAllObjectsAreJoined() {
        ClusterState state =
                ClusterState.EMPTY
                        .with(new ServiceCidr("b", List.of(Cidr.parse("10.97.0.0/16"))))
                        .with(
                                new ServiceCidr(
                                        "a",
                                        List.of(
                                                Cidr.parse("10.97.0.0/16"),
                                                Cidr.parse("10.96.0.0/16"))));
        assertThat(state.serviceCidrs())
                .containsExactly(Cidr.parse("10.96.0.0/16"), Cidr.parse("10.97.0.0/16"));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void thePersistentMapIsAMap(long seed) {
        Random random = new Random(seed);
        Map<Integer, String> expected = new HashMap<>();
        PersistentMap<Integer, String> map = PersistentMap.empty();
        for (int i = 0; i < 5_000; i++) {
            PersistentMap<Integer, String> before = map;
            Map<Integer, String> expectedBefore = Map.copyOf(expected);
            Set<Integer> touched = new HashSet<>();
            for (int n = random.nextInt(3); n >= 0; n--) {
                int key = random.nextInt(600);
                touched.add(key);
                if (random.nextInt(3) == 0) {
                    map = map.with(key, null);
                    expected.remove(key);
                } else {
                    String value = "v" + i;
                    map = map.with(key, value);
                    expected.put(key, value);
                }
            }
            Set<Integer> changed = new HashSet<>();
            map.forEachChange(before, changed::add);
            assertThat(touched).containsAll(changed);
            for (int key : touched) {
                assertThat(map.get(key)).isEqualTo(expected.get(key));
                assertThat(before.get(key)).isEqualTo(expectedBefore.get(key));
                assertThat(changed.contains(key))
                        .isEqualTo(!Objects.equals(expected.get(key), expectedBefore.get(key)));
            }
            assertThat(map.size()).isEqualTo(expected.size());
        }
        assertThat(map.keys()).containsExactlyInAnyOrderElementsOf(expected.keySet());
        assertThat(map.values()).containsExactlyInAnyOrderElementsOf(expected.values());
    }
}
