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

/// What does bounding the load of Maglev's backends add? The baseline is Maglev without a bound.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class BoundedPickBenchmark {

    private static final int FACTOR_PERCENT = 125;

    @Param({"3", "100", "1000"})
    int backends;

    private BackendPicker unbounded = pickerOf(3, Balancing.UNBOUNDED);
    private BackendPicker bounded = pickerOf(3, FACTOR_PERCENT);
    private final HashSequence hashes = new HashSequence();

    private static BackendPicker pickerOf(int backends, int factorPercent) {
        return BackendPicker.of(
                new Balancing(Policy.MAGLEV, factorPercent),
                false,
                Samples.backends(backends),
                Samples.equalWeights(backends));
    }

    @Setup
    public void build() {
        unbounded = pickerOf(backends, Balancing.UNBOUNDED);
        bounded = pickerOf(backends, FACTOR_PERCENT);
    }

    @Benchmark
    public int baseline() {
        return unbounded.pick(hashes.next());
    }

    @Benchmark
    public int pick() {
        return bounded.pick(hashes.next());
    }
}
