package io.fairlead.k8s;

import static io.fairlead.k8s.testing.Await.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.DataPlane;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.local.Localiser;
import io.fairlead.k8s.sync.SyncLoop;
import io.fairlead.k8s.sync.SyncOptions;
import io.fairlead.k8s.testing.ApiObjects;
import io.fairlead.k8s.testing.FakeApiServer;
import io.fairlead.k8s.watch.ApiAccess;
import io.fairlead.k8s.watch.ApiScope;
import io.fairlead.k8s.watch.ApiWatch;
import io.fairlead.k8s.watch.EventQueue;
import io.fairlead.k8s.watch.WatchOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A Service with 5,000 endpoints, slice by slice in any order, from the API server to its pool.
class ManySlicesTest {

    private static final int SLICES = 50;
    private static final int PER_SLICE = 100;
    private static final int SHARED = 5;
    private static final String VIP = "127.9.6.1";

    @TempDir private Path folder;

    private final DataPlane plane = DataPlane.start(1);
    private final List<Integer> pools = new CopyOnWriteArrayList<>();

    private ServiceSnapshot note(ServiceSnapshot snapshot) {
        snapshot.ports().stream().map(ManySlicesTest::size).forEach(pools::add);
        return snapshot;
    }

    private static int size(ServicePort port) {
        return port.internal() == null ? 0 : port.internal().backends().size();
    }

    private static String endpoint(int number, String conditions) {
        return "{\"addresses\":[\"127.20.%d.%d\"],\"conditions\":{%s}}"
                .formatted(number / 200, 1 + number % 200, conditions);
    }

    /// A hundred endpoints of its own, and some of the slice before that are said to terminate.
    private static String slice(int slice) {
        String own =
                IntStream.range(slice * PER_SLICE, (slice + 1) * PER_SLICE)
                        .mapToObj(i -> endpoint(i, "\"ready\":true"))
                        .collect(Collectors.joining(","));
        int before = (slice + SLICES - 1) % SLICES * PER_SLICE;
        String others =
                IntStream.range(before, before + SHARED)
                        .mapToObj(i ->
                                endpoint(
                                        i, "\"ready\":false,\"serving\":true,\"terminating\":true"))
                        .collect(Collectors.joining(","));
        return """
        labels:{"kubernetes.io/service-name":"web"},"addressType":"IPv4",\
        "ports":[{"name":"http","port":8080,"protocol":"TCP"}],"endpoints":[%s,%s]\
        """
                .formatted(own, others);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void a3_10_a3_8_anyOrderOfSlicesEndsInTheSamePool(long seed) throws Exception {
        List<Integer> order = new ArrayList<>(IntStream.range(0, SLICES).boxed().toList());
        Collections.shuffle(order, new Random(seed));
        try (FakeApiServer api = new FakeApiServer();
                plane;
                SyncLoop sync =
                        new SyncLoop(
                                SyncOptions.DEFAULT,
                                new Localiser(LocalOptions.forNode("n1")),
                                plane,
                                this::note,
                                new EventQueue(false))) {
            api.put("services", "web", ApiObjects.service(VIP, 8080));
            api.put("nodes", "n1", ApiObjects.node("a"));
            ApiAccess access = ApiAccess.servers(List.of(api.uri()), folder);
            try (ApiWatch _ =
                    ApiWatch.start(
                            () -> access,
                            ApiScope.ofNode("n1"),
                            WatchOptions.DEFAULT,
                            folder,
                            sync::offer)) {
                until("without endpoints", () -> !plane.view().isEmpty());
                until("watching", () -> api.watches("endpointslices") > 0);
                for (int slice : order) {
                    api.put("endpointslices", "web-" + slice, slice(slice));
                }
                until("all are served", () -> pool() == SLICES * PER_SLICE);
            }
        }
        assertThat(pools).startsWith(0).endsWith(SLICES * PER_SLICE).isSorted();
    }

    private int pool() {
        return plane.view().stream().mapToInt(e -> e.backendAddresses().size()).sum();
    }
}
