package io.fairlead.bench;

import io.fairlead.core.balance.MaglevTable;
import io.fairlead.core.service.AddressPort;
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

/// How long does a Maglev table take to build? The baseline deals the slots out in turn, without
/// any hashing: what the memory costs.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MaglevBuildBenchmark {

    @Param({"16381", "65537"})
    int slots;

    @Param({"100", "1000"})
    int backends;

    private AddressPort[] addresses = {};
    private int[] weights = {};

    @Setup
    public void prepare() {
        addresses = Samples.addresses(backends);
        weights = Samples.equalWeights(backends);
    }

    @Benchmark
    public char[] baseline() {
        char[] owners = new char[slots];
        int owner = 0;
        for (int slot = 0; slot < slots; slot++) {
            owners[slot] = (char) owner;
            owner = owner + 1 == backends ? 0 : owner + 1;
        }
        return owners;
    }

    @Benchmark
    public MaglevTable build() {
        return MaglevTable.of(addresses, weights, slots);
    }
}
