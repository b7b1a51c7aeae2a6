package io.fairlead.core.balance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.ConnectFailure;
import io.fairlead.core.backend.FlowCounters;
import io.fairlead.core.backend.FlowEnd;
import io.fairlead.core.backend.FlowRefusal;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Balancing.Policy;
import java.lang.management.ManagementFactory;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The flow path allocates nothing, by the thread's own allocation counter.
class AllocationTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int CALLS = 100_000;
    private static final int ROUNDS = 5;
    private static final int COUNT = 100;

    private final Backend[] backends = Fixtures.backends(COUNT);
    private final int[] weights = Fixtures.mixedWeights(COUNT);

    // Keeps results alive, so that calls are not compiled away.
    static volatile long sink;

    /// What the path allocates shows in every round; what the JVM does for itself on this thread (a
    /// deoptimisation, say) in one at most.
    private static void assertAllocatesNothing(LongUnaryOperator call) {
        run(call);
        run(call);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && least > 0; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            run(call);
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("bytes in %d calls", CALLS).isZero();
    }

    private static void run(LongUnaryOperator call) {
        long result = 0;
        for (long i = 0; i < CALLS; i++) {
            result += call.applyAsLong(i * 0x9e37_79b9_7f4a_7c15L);
        }
        sink = result;
    }

    @Test
    void theCounterSeesWhatIsAllocated() {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        sink = new long[10].length;
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isGreaterThanOrEqualTo(80);
    }

    @ParameterizedTest
    @EnumSource
    void aPick(Policy policy) {
        BackendPicker picker = BackendPicker.of(Balancing.of(policy), false, backends, weights);
        assertAllocatesNothing(picker::pick);
    }

    @Test
    void aPickWithBoundedLoad() {
        Balancing bounded = new Balancing(Policy.MAGLEV, 125);
        BackendPicker picker = BackendPicker.of(bounded, false, backends, weights);
        assertAllocatesNothing(picker::pick);
    }

    @Test
    void aFlowHash() {
        assertAllocatesNothing(x ->
                FlowHash.flow(
                        FlowHash.client(x, ~x),
                        (int) x & 0xffff,
                        FlowHash.destination(0, x, 80, 6)));
    }

    @Test
    void aClientThatIsKnown() {
        BackendPicker beneath =
                BackendPicker.of(Balancing.of(Policy.MAGLEV), true, backends, weights);
        AffinityPicker picker =
                new AffinityPicker(
                        new AffinityTable(5_000), Fixtures.WEB, Long.MAX_VALUE, backends, beneath);
        assertAllocatesNothing(x -> picker.pick(0, x & 1_023, x, 0));
    }

    @Test
    void countingAFlow() {
        FlowCounters counters = new FlowCounters();
        assertAllocatesNothing(i -> {
            counters.onOpened();
            counters.onConnectFailure(ConnectFailure.REFUSED);
            counters.onConnectRetry(ConnectFailure.REFUSED);
            counters.onConnected(i >>> 40);
            counters.onFirstByte(i >>> 36);
            counters.onReceived(10);
            counters.onReturned(20);
            counters.onReceivedDatagram(30);
            counters.onReturnedDatagram(40);
            counters.onRefused(FlowRefusal.MAX_FLOWS);
            counters.onClosed(FlowEnd.FINISHED);
            return i;
        });
    }
}
