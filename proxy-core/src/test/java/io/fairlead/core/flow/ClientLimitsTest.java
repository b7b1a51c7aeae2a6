package io.fairlead.core.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClientLimitsTest {

    private static final BackendGroup GROUP = group("web");

    private static BackendGroup group(String name) {
        return new BackendGroup(
                new ServicePortName("default", name, "", Protocol.TCP, IpFamily.IPV4));
    }

    private static @Nullable ClientSlot admit(
            ClientLimits limits, BackendGroup group, long client, FlowRules rules, long nowMs) {
        FlowTuple flow =
                new FlowTuple().from(0, client, 1).when(TimeUnit.MILLISECONDS.toNanos(nowMs));
        return limits.admit(group, flow, rules);
    }

    private static boolean isAdmitted(@Nullable ClientSlot slot) {
        return slot != ClientLimits.TOO_MANY && slot != ClientLimits.TOO_FAST;
    }

    @Test
    void aRateLetsAsManyThroughAtOnceAndThenOneInEachInterval() {
        ClientLimits limits = new ClientLimits();
        FlowRules rules = FlowRules.NONE.withFlowRatePerClient(10);
        int admitted = 0;
        for (int ms = 0; ms < 10_000; ms++) {
            for (int i = 0; i < 5; i++) {
                admitted += isAdmitted(admit(limits, GROUP, 7, rules, ms)) ? 1 : 0;
            }
        }
        assertThat(admitted).isEqualTo(10 + 99);
    }

    @Test
    void servicePortsAreApart() {
        ClientLimits limits = new ClientLimits();
        FlowRules rules = FlowRules.NONE.withMaxFlowsPerClient(1);
        assertThat(isAdmitted(admit(limits, GROUP, 7, rules, 0))).isTrue();
        assertThat(isAdmitted(admit(limits, GROUP, 7, rules, 0))).isFalse();
        assertThat(isAdmitted(admit(limits, group("other"), 7, rules, 0))).isTrue();
    }

    @Test
    void clientsThatWentAreForgotten() {
        ClientLimits limits = new ClientLimits(1 << 12);
        FlowRules rules = FlowRules.NONE.withMaxFlowsPerClient(1).withFlowRatePerClient(1);
        for (int client = 0; client < 1_000_000; client++) {
            ClientSlot slot = admit(limits, GROUP, client, rules, client * 10L);
            Objects.requireNonNull(slot).release();
        }
        assertThat(limits.size()).isLessThan(1 << 12);
        assertThat(limits.uncounted()).isZero();
    }

    @Test
    void whenThereIsRoomForNoMoreFurtherClientsAreLetInAndCounted() {
        ClientLimits limits = new ClientLimits(64);
        FlowRules rules = FlowRules.NONE.withMaxFlowsPerClient(1);
        for (int client = 0; client < 1_000; client++) {
            assertThat(isAdmitted(admit(limits, GROUP, client, rules, 0))).isTrue();
        }
        assertThat(limits.size()).isLessThanOrEqualTo(64);
        assertThat(limits.uncounted()).isEqualTo(1_000 - limits.size());
    }

    @Test
    void manyThreadsTogetherGetWhatOneMayHave() throws Exception {
        ClientLimits limits = new ClientLimits();
        FlowRules rules = FlowRules.NONE.withMaxFlowsPerClient(100);
        List<Future<Integer>> counts = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int thread = 0; thread < 4; thread++) {
                counts.add(
                        threads.submit(() -> {
                            int admitted = 0;
                            for (int i = 0; i < 20_000; i++) {
                                ClientSlot slot = admit(limits, GROUP, 7, rules, 0);
                                if (isAdmitted(slot) && slot != null) {
                                    slot.release();
                                    ClientSlot kept = admit(limits, GROUP, 7, rules, 0);
                                    admitted += isAdmitted(kept) ? 1 : 0;
                                }
                            }
                            return admitted;
                        }));
            }
        }
        int sum = 0;
        for (Future<Integer> count : counts) {
            sum += count.get();
        }
        assertThat(sum).isEqualTo(100);
    }
}
