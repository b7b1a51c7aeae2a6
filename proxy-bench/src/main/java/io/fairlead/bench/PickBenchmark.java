package io.fairlead.bench;

import io.fairlead.core.balance.BackendPicker;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Balancing.Policy;
import java.util.concurrent.TimeUnit;
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

/// What does choosing a backend cost, by policy and number of backends?
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PickBenchmark {

    @Param Policy policy = Policy.LEAST_CONNECTIONS;

    @Param({"3", "100", "1000"})
    int backends;

    @Param({"false", "true"})
    boolean weighted;

    private BackendPicker picker = pickerOf(Policy.LEAST_CONNECTIONS, 3, false);
    private final HashSequence hashes = new HashSequence();

    private static BackendPicker pickerOf(Policy policy, int backends, boolean weighted) {
        int[] weights = weighted ? Samples.mixedWeights(backends) : Samples.equalWeights(backends);
        return BackendPicker.of(Balancing.of(policy), false, Samples.backends(backends), weights);
    }

    @Setup
    public void build() {
        picker = pickerOf(policy, backends, weighted);
    }

    @Benchmark
    public long baseline() {
        return hashes.next();
    }

    @Benchmark
    public int pick() {
        return picker.pick(hashes.next());
    }
}
