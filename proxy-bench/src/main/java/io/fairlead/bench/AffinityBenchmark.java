package io.fairlead.bench;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.balance.AffinityPicker;
import io.fairlead.core.balance.AffinityTable;
import io.fairlead.core.balance.BackendPicker;
import io.fairlead.core.service.Balancing;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What does leading a known client back to its backend cost, and what a new one? The baseline is
/// the picker beneath. With `-t 2`, threads share the table as event loops do.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AffinityBenchmark {

    private static final int BACKENDS = 100;

    @Param({"1000", "100000"})
    int clients;

    private final Backend[] backends = Samples.backends(BACKENDS);
    private final BackendPicker beneath =
            BackendPicker.of(Balancing.DEFAULT, true, backends, Samples.equalWeights(BACKENDS));
    private final AffinityPicker picker = pickerOver(AffinityTable.DEFAULT_CAPACITY);
    private final AffinityPicker fullPicker = pickerOver(BACKENDS);
    private final AtomicLong firstNewClient = new AtomicLong();

    private AffinityPicker pickerOver(int capacity) {
        return new AffinityPicker(
                new AffinityTable(capacity), Samples.PORT, Long.MAX_VALUE, backends, beneath);
    }

    @Setup
    public void meetClients() {
        for (int client = 0; client < clients; client++) {
            picker.pick(0, client, 0, 0);
        }
    }

    /// The clients of one thread.
    @State(Scope.Thread)
    public static class Loop {
        private final HashSequence hashes = new HashSequence();
        private long newClient;

        @Setup
        public void start(AffinityBenchmark shared) {
            newClient = shared.firstNewClient.getAndAdd(1L << 32);
        }
    }

    @Benchmark
    public int baseline(Loop loop) {
        return beneath.pick(loop.hashes.next());
    }

    @Benchmark
    public int knownClient(Loop loop) {
        long hash = loop.hashes.next();
        return picker.pick(0, Math.unsignedMultiplyHigh(hash, clients), hash, 0);
    }

    /// In a full table, so that each evicts one.
    @Benchmark
    public int newClient(Loop loop) {
        return fullPicker.pick(0, loop.newClient++, 0, 0);
    }
}
