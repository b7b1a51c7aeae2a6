package io.fairlead.core;

import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.balance.BackendPicker;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.testing.FakeClock;
import io.fairlead.core.testing.Loopback;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a backend gets that turned ready a moment ago.
class SlowStartTest {

    private static final AddressPort OLD = backend("10.0.0.1");
    private static final AddressPort NEW = backend("10.0.0.2");
    private static final int PICKS = 11_000;

    private final FakeClock clock = new FakeClock();

    @RegisterExtension private final RunningPlane running = new RunningPlane(clock);

    private final DataPlane plane = running.plane();
    private final AddressPort vip = Loopback.vip();

    private static AddressPort backend(String address) {
        return new AddressPort(IpAddress.parse(address), 80);
    }

    private void serve(Balancing.Policy policy, int seconds, AddressPort... backends) {
        assertThat(
                        plane.apply(
                                snapshot(
                                        clusterIp("web", vip, policy, List.of(backends))
                                                .withFlows(
                                                        FlowRules.NONE.withSlowStartSeconds(
                                                                seconds)))))
                .isEmpty();
    }

    private BackendPool pool() {
        return Objects.requireNonNull(plane.view().getFirst().internal());
    }

    /// The new backend's part of flows that end at once, in percent.
    private int share() {
        BackendPool pool = pool();
        BackendPicker picker = pool.picker();
        int count = 0;
        for (int i = 0; i < PICKS; i++) {
            Backend backend = pool.backend(picker.pick(i * 0x9e37_79b9_7f4a_7c15L));
            count += backend.at().equals(NEW) ? 1 : 0;
        }
        return Math.round(100f * count / PICKS);
    }

    private void grow(int seconds) {
        clock.advanceSeconds(seconds, RunningPlane.LOOPS);
        assertThat(plane.maintain()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"LEAST_CONNECTIONS", "RANDOM", "ROUND_ROBIN"})
    void itsShareGrowsWithTime(Balancing.Policy policy) {
        serve(policy, 30, OLD);
        serve(policy, 30, OLD, NEW);
        assertThat(share()).isBetween(7, 11); // 1 of 11
        grow(15);
        assertThat(share()).isBetween(30, 36); // 5 of 15
        grow(15);
        assertThat(share()).isBetween(47, 53);
    }

    @Test
    void leastConnectionsGivesItALittleEvenWhenItHasNoFlows() {
        serve(Balancing.Policy.LEAST_CONNECTIONS, 30, OLD);
        serve(Balancing.Policy.LEAST_CONNECTIONS, 30, OLD, NEW);
        BackendPool pool = pool();
        int onNew = 0;
        for (int i = 0; i < 1_100; i++) {
            Backend backend = pool.backend(pool.picker().pick(0));
            backend.acquire();
            onNew += backend.at().equals(NEW) ? 1 : 0;
        }
        assertThat(onNew).isBetween(90, 110);
        for (int i = 0; i < pool.size(); i++) {
            while (pool.backend(i).live() > 0) {
                pool.backend(i).release();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MAGLEV", "SOURCE_HASH"})
    void policiesByWhichNodesAgreeKnowNoSlowStart(Balancing.Policy policy) {
        serve(policy, 30, OLD);
        serve(policy, 30, OLD, NEW);
        assertThat(share()).isBetween(45, 55);
    }

    @Test
    void backendsOfANewServiceStartTogether() {
        serve(Balancing.Policy.ROUND_ROBIN, 30, OLD, NEW);
        assertThat(share()).isEqualTo(50);
    }

    @Test
    void aBackendThatComesBackStartsAnew() {
        serve(Balancing.Policy.ROUND_ROBIN, 30, OLD, NEW);
        serve(Balancing.Policy.ROUND_ROBIN, 30, OLD);
        grow(100);
        serve(Balancing.Policy.ROUND_ROBIN, 30, OLD, NEW);
        assertThat(share()).isEqualTo(9);
    }
}
