package io.fairlead.core.flow;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.fairlead.core.backend.Attempt;
import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.backend.EjectionLog;
import io.fairlead.core.backend.EjectionRule;
import io.fairlead.core.balance.AffinityTable;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.table.ServiceEntry;
import io.fairlead.core.table.VipTable;
import io.fairlead.core.testing.Services;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Which backends flows are led to when some are ejected or have been tried.
class BackendChoiceTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long TIME = 30;
    private static final int FLOWS = 2_000;
    private static final AddressPort VIP = new AddressPort(IpAddress.parse("10.96.0.1"), 80);

    // Keeps choices alive, so that they are not compiled away.
    static volatile boolean sink;

    private final BackendChoice choice = new BackendChoice();
    private final FlowTuple flow = new FlowTuple();
    private VipTable table = VipTable.EMPTY;
    private List<Backend> backends = List.of();
    private @Nullable BackendPool served;
    private int nextPort;

    private void serve(Balancing.Policy policy, int count) {
        List<AddressPort> at =
                IntStream.range(0, count)
                        .mapToObj(i -> new AddressPort(IpAddress.parse("10.0.0." + (i + 1)), 8080))
                        .toList();
        ServicePort port = Services.clusterIp("web", VIP, policy, at);
        EjectionRule rule = new EjectionRule(1, Duration.ofNanos(TIME), Duration.ofNanos(TIME));
        BackendGroup group = new BackendGroup(port.name(), rule, new EjectionLog());
        ServiceEntry entry = ServiceEntry.of(port, group, new AffinityTable(1));
        table = VipTable.of(List.of(entry), NodeNetwork.EMPTY);
        served = entry.internal();
        backends = at.stream().map(group::backend).toList();
    }

    private BackendPool pool() {
        return requireNonNull(served);
    }

    private void eject(int index) {
        backends.get(index).onConnectFailed(Attempt.NORMAL, "refused", 0);
    }

    private FlowTuple flowAt(long nowNs) {
        nextPort = nextPort % 60_000 + 1;
        return flow.from(0, 0x0a00_0909 + nextPort, 1 + nextPort)
                .arrivedAt(Protocol.TCP, VIP)
                .when(nowNs);
    }

    private List<Backend> firsts(long nowNs, int flows) {
        List<Backend> all = new ArrayList<>();
        for (int i = 0; i < flows; i++) {
            all.add(choice.first(table, pool(), flowAt(nowNs)));
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource
    void flowsAreLedRoundAnEjectedBackend(Balancing.Policy policy) {
        serve(policy, 4);
        eject(1);
        assertThat(new HashSet<>(firsts(TIME - 1, FLOWS)))
                .isEqualTo(Set.of(backends.get(0), backends.get(2), backends.get(3)));
    }

    @ParameterizedTest
    @EnumSource
    void halfMayBeLeftOut(Balancing.Policy policy) {
        serve(policy, 4);
        eject(1);
        eject(2);
        assertThat(new HashSet<>(firsts(TIME - 1, FLOWS)))
                .isEqualTo(Set.of(backends.get(0), backends.get(3)));
    }

    @ParameterizedTest
    @EnumSource
    void whereMoreThanHalfAreEjectedAllAreUsed(Balancing.Policy policy) {
        serve(policy, 4);
        eject(0);
        eject(1);
        eject(2);
        assertThat(new HashSet<>(firsts(TIME - 1, FLOWS))).isEqualTo(new HashSet<>(backends));
    }

    @ParameterizedTest
    @EnumSource
    void oneFlowProbesWhenItsTimeIsOver(Balancing.Policy policy) {
        serve(policy, 4);
        eject(1);
        List<Attempt> probes = new ArrayList<>();
        for (int i = 0; i < FLOWS; i++) {
            Backend chosen = choice.first(table, pool(), flowAt(TIME));
            if (chosen == backends.get(1)) {
                probes.add(choice.attempt());
            }
        }
        assertThat(probes).containsExactly(Attempt.PROBE);
        backends.get(1).onConnected(Attempt.PROBE, TIME);
        assertThat(firsts(TIME, FLOWS)).contains(backends.get(1));
    }

    @ParameterizedTest
    @EnumSource
    void aRetryGoesToEachOtherBackendOnce(Balancing.Policy policy) {
        serve(policy, 5);
        for (int i = 0; i < 200; i++) {
            @Nullable Backend[] tried = new Backend[5];
            tried[0] = choice.first(table, pool(), flowAt(0));
            for (int n = 1; n < 5; n++) {
                tried[n] = choice.next(table, pool(), flow, tried);
            }
            assertThat(tried).containsExactlyInAnyOrderElementsOf(backends);
            assertThat(choice.next(table, pool(), flow, tried)).isNull();
            assertThat(choice.hasNext(table, pool(), flow, tried)).isFalse();
        }
    }

    /// Neither where all is well, nor when it is not.
    @ParameterizedTest
    @EnumSource
    void aChoiceAllocatesNothing(Balancing.Policy policy) {
        serve(policy, 8);
        eject(1);
        @Nullable Backend[] tried = {backends.get(0), backends.get(2), null};
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 10 && least > 0; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 20_000; i++) {
                Backend first = choice.first(table, pool(), flowAt(0));
                Backend next = choice.next(table, pool(), flow, tried);
                sink = first == next;
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("bytes in 20,000 choices").isZero();
    }

    /// Even where so many are ejected that all are used: who failed once wants one that answers.
    @ParameterizedTest
    @EnumSource
    void aRetryPrefersABackendThatNothingIsKnownAgainst(Balancing.Policy policy) {
        serve(policy, 10);
        for (int i = 0; i < 9; i++) {
            eject(i);
        }
        for (int i = 0; i < 200; i++) {
            Backend first = choice.first(table, pool(), flowAt(0));
            if (first != backends.get(9)) {
                assertThat(choice.next(table, pool(), flow, new Backend[] {first}))
                        .isEqualTo(backends.get(9));
            }
        }
    }
}
