package io.fairlead.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.Attempt;
import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.backend.EjectionLog;
import io.fairlead.core.backend.EjectionRule;
import io.fairlead.core.balance.AffinityTable;
import io.fairlead.core.flow.BackendChoice;
import io.fairlead.core.flow.FlowRouter;
import io.fairlead.core.flow.FlowTuple;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.table.ServiceEntry;
import io.fairlead.core.table.TableBuilder;
import io.fairlead.core.table.VipTable;
import io.fairlead.core.testing.Services;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The publication of tables and the counts of backends under several threads, without sockets: as
/// many interleavings as a few seconds hold. Which thread comes first is chance; what each does
/// follows from the seed.
class LiveCountsStressTest {

    private static final int LOOPS = 4;
    private static final int FLOWS = Integer.getInteger("fairlead.stress.flows", 20_000);
    private static final int MOST_HELD = 50;
    private static final int MOST_FLOWS = 60;
    private static final AddressPort VIP = new AddressPort(IpAddress.parse("10.96.0.1"), 80);
    private static final EjectionRule RULE =
            new EjectionRule(3, Duration.ofNanos(100), Duration.ofNanos(1_000));

    private final EjectionLog log = new EjectionLog();
    private final BackendGroups groups = new BackendGroups(RULE, log);
    private final TableBuilder builder = new TableBuilder(false);

    /// At least, however busy the machine is.
    private static final int CHANGES = 200;

    private final PublishedTable published = new PublishedTable();
    private final AffinityTable clients = new AffinityTable(100);
    private final AtomicBoolean loopsEnded = new AtomicBoolean();
    private final AtomicInteger changes = new AtomicInteger();

    private static ServicePort port(Balancing.Policy policy, SplittableRandom random) {
        List<AddressPort> backends =
                IntStream.range(0, 8)
                        .filter(_ -> random.nextInt(3) > 0)
                        .mapToObj(i -> new AddressPort(IpAddress.parse("10.0.0." + (i + 1)), 80))
                        .toList();
        return Services.clusterIp("web", VIP, policy, backends);
    }

    /// As DataPlane changes its table.
    private void control(SplittableRandom random) {
        Balancing.Policy[] policies = Balancing.Policy.values();
        while (!loopsEnded.get()) {
            ServicePort port = port(policies[random.nextInt(policies.length)], random);
            if (random.nextInt(10) == 0) {
                publish(List.of(), List.of(port.name()));
                groups.settle(port.name(), null, 0);
            } else {
                serve(port);
            }
            groups.forgetLeft();
            changes.incrementAndGet();
        }
    }

    private void serve(ServicePort port) {
        publish(List.of(ServiceEntry.of(port, groups.follow(port, 0), clients)), List.of());
        groups.settle(port.name(), builder.entry(port.name()), 0);
    }

    private void publish(List<ServiceEntry> put, List<ServicePortName> gone) {
        published.publish(builder.update(put, gone, NodeNetwork.EMPTY).table());
    }

    /// As an event loop opens and ends flows, some of which move on to other backends.
    private Set<Backend> loop(SplittableRandom random) {
        Set<Backend> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Backend> held = new ArrayList<>();
        BackendChoice choice = new BackendChoice();
        FlowTuple flow = new FlowTuple().arrivedAt(Protocol.TCP, VIP);
        for (int i = 0; i < FLOWS || changes.get() < CHANGES; i++) {
            VipTable now = published.current();
            flow.from(0, random.nextInt(1_000), 1 + random.nextInt(60_000)).when(i);
            BackendPool pool = FlowRouter.pool(now, FlowRouter.row(now, flow), flow);
            if (pool != null) {
                Backend backend = choice.first(now, pool, flow);
                Attempt attempt = choice.attempt();
                if (backend.group().claim(MOST_FLOWS)) {
                    backend.acquireClaimed();
                } else {
                    backend.acquire();
                }
                seen.add(backend);
                if (random.nextInt(4) == 0) {
                    backend.onConnectFailed(attempt, "refused", i);
                    Backend next = choice.next(now, pool, flow, new Backend[] {backend});
                    attempt = choice.attempt();
                    if (next != null) {
                        next.takeFrom(backend);
                        backend = next;
                        seen.add(next);
                    }
                }
                backend.onConnected(attempt, i);
                held.add(backend);
            }
            if (held.size() > random.nextInt(MOST_HELD)) {
                held.remove(random.nextInt(held.size())).release();
            }
        }
        held.forEach(Backend::release);
        return seen;
    }

    @ParameterizedTest
    @MethodSource("io.fairlead.core.testing.Seeds#few")
    void countsReturnToZeroWhileTablesChange(long seed) throws Exception {
        serve(
                Services.clusterIp(
                        "web",
                        VIP,
                        Balancing.Policy.RANDOM,
                        List.of(new AddressPort(IpAddress.parse("10.0.0.1"), 80))));
        List<Callable<Set<Backend>>> loops = new ArrayList<>();
        for (int i = 0; i < LOOPS; i++) {
            SplittableRandom random = new SplittableRandom(seed + i);
            loops.add(() -> loop(random));
        }
        Set<Backend> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        try (ExecutorService threads = Executors.newFixedThreadPool(LOOPS + 1)) {
            Future<?> control = threads.submit(() -> control(new SplittableRandom(seed)));
            for (Future<Set<Backend>> loop : threads.invokeAll(loops)) {
                seen.addAll(loop.get());
            }
            loopsEnded.set(true);
            control.get();
        }
        assertThat(seen).isNotEmpty().allSatisfy(b -> assertThat(b.live()).isZero());
        assertThat(seen).allSatisfy(b -> assertThat(b.group().live()).isZero());
        assertThat(log.ejections()).isPositive();
        ServicePortName name = port(Balancing.Policy.RANDOM, new SplittableRandom(1)).name();
        publish(List.of(), List.of(name));
        groups.settle(name, null, 0);
        groups.forgetLeft();
        assertThat(groups.size()).isZero();
    }

    /// Whatever comes together: one flow probes at a time, and a backend is never lost.
    @ParameterizedTest
    @MethodSource("io.fairlead.core.testing.Seeds#few")
    void oneFlowProbesAtATime(long seed) throws Exception {
        Backend backend =
                new BackendGroup(
                                port(Balancing.Policy.RANDOM, new SplittableRandom(1)).name(),
                                RULE,
                                log)
                        .backend(VIP);
        AtomicInteger probing = new AtomicInteger();
        AtomicInteger probes = new AtomicInteger();
        List<Callable<Integer>> loops = new ArrayList<>();
        for (int i = 0; i < LOOPS; i++) {
            SplittableRandom random = new SplittableRandom(seed + i);
            loops.add(() -> {
                int most = 0;
                for (int n = 0; n < FLOWS; n++) {
                    long nowNs = 10L * n;
                    if (backend.claimProbe(nowNs)) {
                        most = Math.max(most, probing.incrementAndGet());
                        probes.incrementAndGet();
                        probing.decrementAndGet();
                        switch (random.nextInt(3)) {
                            case 0 -> backend.onConnected(Attempt.PROBE, nowNs);
                            case 1 -> backend.onConnectFailed(Attempt.PROBE, "refused", nowNs);
                            default -> backend.onProbeAbandoned();
                        }
                    } else if (random.nextInt(4) == 0) {
                        backend.onConnected(Attempt.NORMAL, nowNs);
                    } else {
                        backend.onConnectFailed(Attempt.NORMAL, "refused", nowNs);
                    }
                }
                return most;
            });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(LOOPS)) {
            for (Future<Integer> most : threads.invokeAll(loops)) {
                assertThat(most.get()).isLessThanOrEqualTo(1);
            }
        }
        assertThat(probes.get()).isPositive();
        if (backend.isEjected()) {
            assertThat(backend.claimProbe(Long.MAX_VALUE / 2)).isTrue();
            backend.onConnected(Attempt.PROBE, Long.MAX_VALUE / 2);
        }
        assertThat(backend.isEjected()).isFalse();
    }
}
