package io.fairlead.k8s.sync;

import static io.fairlead.k8s.testing.Await.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.DataPlane;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.table.ServiceEntry;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.local.Localiser;
import io.fairlead.k8s.testing.Facts;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The control thread from states to the data plane.
class SyncLoopTest {

    private static final String VIP = "127.9.8.1";
    private static final ClusterUpdate WEB =
            new ClusterUpdate(
                    Facts.state(
                            Facts.service("web", VIP),
                            Facts.slice("web-1", "web", "127.0.0.1", "127.0.0.2")),
                    List.of());

    private final DataPlane plane = DataPlane.start(1);

    @AfterEach
    void end() {
        plane.close();
    }

    private static Localiser localiser() {
        return new Localiser(LocalOptions.forNode("n1").withAllowLoopbackBackends(true));
    }

    private static SyncOptions times(Duration full, Duration retry) {
        return new SyncOptions(Duration.ZERO, full, retry);
    }

    private static long count(Durations durations) {
        return Arrays.stream(durations.counts()).sum();
    }

    /// Equal objects cause no work in the data plane (A1.9): its entries stay the same objects.
    @Test
    void a14_1_a1_9_goingThroughEverythingAnewChangesNothing() throws Exception {
        SyncOptions options = times(Duration.ofNanos(1), Duration.ofHours(1));
        try (SyncLoop sync = new SyncLoop(options, localiser(), plane, s -> s)) {
            sync.offer(WEB);
            assertThat(sync.first().get()).isEmpty();
            List<ServiceEntry> before = plane.view();
            ServiceSnapshot snapshot = sync.progress().applied().view().snapshot();
            until("twice anew", () -> count(sync.progress().full()) >= 3);
            assertThat(count(sync.progress().partial())).isZero();
            assertThat(sync.progress().applied().view().snapshot()).isSameAs(snapshot);
            assertThat(plane.view()).hasSize(1).first().isSameAs(before.getFirst());
            assertThat(sync.progress().serviceChanges()).isEqualTo(1);
        }
    }

    @Test
    void a14_1_aStateThatCouldNotBeAppliedIsTriedAgain() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        SyncOptions options = times(Duration.ofHours(1), Duration.ofNanos(1));
        try (SyncLoop sync =
                new SyncLoop(
                        options,
                        localiser(),
                        plane,
                        s -> {
                            if (attempts.incrementAndGet() == 1) {
                                throw new IllegalStateException("for once");
                            }
                            return s;
                        })) {
            sync.offer(WEB);
            until("served", () -> plane.view().size() == 1);
            assertThat(attempts.get()).isEqualTo(2);
        }
    }

    @Test
    void latestStateWins() throws Exception {
        SyncOptions options =
                new SyncOptions(Duration.ofHours(1), Duration.ofHours(1), Duration.ofHours(1));
        try (SyncLoop sync = new SyncLoop(options, localiser(), plane, s -> s)) {
            sync.offer(WEB);
            sync.first().get();
            for (int i = 0; i < 1_000; i++) {
                sync.offer(
                        new ClusterUpdate(
                                WEB.state().with(Facts.service("s" + i, VIP)), List.of()));
            }
            assertThat(sync.progress().applied().generation()).isEqualTo(1);
            assertThat(sync.progress().pendingServiceChanges()).isEqualTo(1);
            ClusterUpdate next = Objects.requireNonNull(sync.progress().take());
            assertThat(next.state().services().size()).isEqualTo(2);
        }
    }
}
