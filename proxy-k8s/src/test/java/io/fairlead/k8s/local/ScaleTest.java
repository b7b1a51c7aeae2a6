package io.fairlead.k8s.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.ServicePort;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.Endpoint;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// 10,000 Services with 10 endpoints each: a change costs what it touches.
class ScaleTest {
    private static final int SERVICES = 10_000;

    private static EndpointSliceSpec slice(int service, int generation) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int host = service * 10 + i;
            endpoints.add(
                    Clusters.endpoint(
                            "10.%d.%d.%d"
                                    .formatted(
                                            (generation + (host >> 16)) & 255,
                                            host >> 8 & 255,
                                            host & 255)));
        }
        return Clusters.slice("e" + service, "s" + service, endpoints);
    }

    private static ClusterState world() {
        ClusterState state = ClusterState.EMPTY;
        for (int i = 0; i < SERVICES; i++) {
            String ip = "172.16." + (i >> 8) + "." + (i & 255);
            state = state.with(Clusters.service("s" + i, ip)).with(slice(i, 0));
        }
        return state;
    }

    @Test
    void oneChangeAmongTenThousandTouchesOnePort() {
        ClusterState state = world();
        long start = System.nanoTime();
        Localiser localiser = new Localiser(LocalOptions.forNode("n1"));
        LocalView view = localiser.localise(state);
        System.out.printf("from scratch: %,d us%n", (System.nanoTime() - start) / 1_000);
        assertThat(view.snapshot().size()).isEqualTo(SERVICES);

        long[] micros = new long[200];
        for (int i = 0; i < micros.length; i++) {
            Set<ServicePort> before = Collections.newSetFromMap(new IdentityHashMap<>());
            before.addAll(view.snapshot().ports());
            start = System.nanoTime();
            state = state.with(slice(i * 37, 1 + i));
            view = localiser.localise(state);
            micros[i] = (System.nanoTime() - start) / 1_000;
            long changed =
                    view.snapshot().ports().stream().filter(p -> !before.contains(p)).count();
            assertThat(changed).isEqualTo(1);
        }
        Arrays.sort(micros);
        System.out.printf("one change: median %,d us, most %,d us%n", micros[100], micros[199]);
    }
}
