package io.fairlead.k8s.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.ServicePolicy;
import io.fairlead.k8s.cluster.ServiceSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What comes and goes leaves nothing behind (SEMANTICS A3.11).
class LeakTest {

    @Test
    void aMillionCyclesLeaveNoEntryInAnyMap() {
        Localiser localiser = new Localiser(LocalOptions.forNode("n1"));
        ClusterState empty = ClusterState.EMPTY;
        localiser.localise(empty);
        for (int i = 0; i < 1_000_000; i++) {
            // A name and an address of its own each time; every eighth contends for a node port.
            String name = "s" + i;
            ServiceSpec service =
                    Clusters.service(
                            name,
                            "10." + (i >> 16 & 255) + "." + (i >> 8 & 255) + "." + (i & 255),
                            i % 8 == 0 ? 30_000 : 0,
                            ServicePolicy.DEFAULT);
            EndpointSliceSpec slice = Clusters.slice("e" + i, name, List.of());
            boolean sliceFirst = i % 2 == 0;
            ClusterState both = empty.with(sliceFirst ? slice : service);
            if (i % 16 == 0) {
                localiser.localise(both);
            }
            both = both.with(sliceFirst ? service : slice);
            localiser.localise(both);
            ClusterState none = both.without(sliceFirst ? service.key() : slice.key());
            if (i % 16 == 0) {
                localiser.localise(none);
            }
            none = none.without(sliceFirst ? slice.key() : service.key());
            LocalView view = localiser.localise(none);
            if (i % 10_000 == 0) {
                assertThat(view.snapshot().size()).isZero();
            }
        }
        assertThat(localiser.entries()).isZero();
    }

    @Test
    void theStateItselfKeepsNothing() {
        ClusterState state = ClusterState.EMPTY;
        for (int i = 0; i < 100_000; i++) {
            ServiceSpec service = Clusters.service("s" + i, "10.96.0.1");
            EndpointSliceSpec slice = Clusters.slice("e" + i, "s" + i, List.of());
            state = state.with(service).with(slice).without(service.key()).without(slice.key());
        }
        assertThat(state.size()).isZero();
        assertThat(state.slicesByService().size()).isZero();
        assertThat(state).isEqualTo(ClusterState.EMPTY);
    }
}
