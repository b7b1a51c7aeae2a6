package io.fairlead.core.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Balancing.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Several threads at once, as event loops are.
@Timeout(60)
class ConcurrencyTest {

    private static final int LOOPS = 4;

    /// Work of one loop, which it starts together with the others.
    private interface Work {
        void run(int loop) throws Exception;
    }

    private static void onAllLoops(Work work) throws Exception {
        CyclicBarrier start = new CyclicBarrier(LOOPS);
        try (ExecutorService loops = Executors.newFixedThreadPool(LOOPS)) {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int loop = 0; loop < LOOPS; loop++) {
                int number = loop;
                tasks.add(() -> {
                    start.await(10, TimeUnit.SECONDS);
                    work.run(number);
                    return null;
                });
            }
            for (Future<Void> done : loops.invokeAll(tasks)) {
                done.get();
            }
        }
    }

    private static BackendPicker picker(Balancing balancing, Backend[] backends) {
        return BackendPicker.of(balancing, false, backends, Fixtures.equalWeights(backends.length));
    }

    @ParameterizedTest
    @EnumSource
    void picksStayWithinTheBackendsWhileCountsChange(Policy policy) throws Exception {
        Backend[] backends = Fixtures.backends(7);
        BackendPicker picker = picker(Balancing.of(policy), backends);
        onAllLoops(loop -> {
            SplittableRandom random = new SplittableRandom(loop);
            for (int i = 0; i < 50_000; i++) {
                Backend backend = backends[picker.pick(random.nextLong())];
                backend.acquire();
                backend.release();
            }
        });
        for (Backend backend : backends) {
            assertThat(backend.live()).isZero();
            assertThat(backend.opened()).isPositive();
        }
    }

    @Test
    void roundRobinLosesNoTurn() throws Exception {
        BackendPicker picker = picker(Balancing.of(Policy.ROUND_ROBIN), Fixtures.backends(5));
        AtomicIntegerArray counts = new AtomicIntegerArray(5);
        onAllLoops(_ -> {
            for (int i = 0; i < 50_000; i++) {
                counts.incrementAndGet(picker.pick(0));
            }
        });
        for (int i = 0; i < 5; i++) {
            assertThat(counts.get(i)).isEqualTo(LOOPS * 10_000);
        }
    }

    /// Each loop may put the one flow over the bound that it has picked and not yet counted.
    @Test
    void boundedLoadIsExceededByTheOtherLoopsAtMost() throws Exception {
        Backend[] backends = Fixtures.backends(4);
        BackendPicker picker = picker(new Balancing(Policy.MAGLEV, 125), backends);
        onAllLoops(_ -> {
            for (int i = 0; i < 10_000; i++) {
                backends[picker.pick(42)].acquire();
            }
        });
        for (Backend backend : backends) {
            assertThat(backend.live()).isLessThanOrEqualTo(12_500 + LOOPS - 1);
        }
    }

    @Test
    void aNewClientThatOpensManyFlowsAtOnceGetsOneBackend() throws Exception {
        Backend[] backends = Fixtures.backends(5);
        AffinityTable table = new AffinityTable(100_000);
        AffinityPicker picker =
                new AffinityPicker(
                        table,
                        Fixtures.WEB,
                        1,
                        backends,
                        picker(Balancing.of(Policy.ROUND_ROBIN), backends));
        int clients = 20_000;
        int[][] picked = new int[LOOPS][clients];
        onAllLoops(loop -> {
            for (int client = 0; client < clients; client++) {
                picked[loop][client] = picker.pick(0, client, 0, 0);
            }
        });
        for (int loop = 1; loop < LOOPS; loop++) {
            assertThat(picked[loop]).isEqualTo(picked[0]);
        }
        assertThat(table.size()).isEqualTo(clients);
    }

    @Test
    void affinityStaysBoundedUnderEvictionAndReaping() throws Exception {
        Backend[] backends = Fixtures.backends(5);
        AffinityTable table = new AffinityTable(4_096);
        AffinityPicker picker =
                new AffinityPicker(
                        table,
                        Fixtures.WEB,
                        5_000,
                        backends,
                        picker(Balancing.of(Policy.RANDOM), backends));
        onAllLoops(loop -> {
            SplittableRandom random = new SplittableRandom(loop);
            for (int i = 0; i < 50_000; i++) {
                assertThat(picker.pick(0, random.nextInt(20_000), 0, i)).isBetween(0, 4);
                if (i % 5_000 == 0) {
                    table.reap(i);
                    assertThat(table.size()).isLessThanOrEqualTo(4_096);
                }
            }
        });
        List<AffinityRecord> left = new ArrayList<>();
        table.forEach(50_000, left::add);
        assertThat((long) left.size()).isLessThanOrEqualTo(table.size());
        table.reap(100_000);
        assertThat(table.size()).isZero();
    }
}
