package io.fairlead.bench;

import io.fairlead.core.balance.FlowHash;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What does hashing a flow cost, of its client alone and of all its parts?
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FlowHashBenchmark {

    private static final int TCP = 6;

    // Not final, so that nothing is computed beforehand.
    private long clientHigh;
    private long clientLow = 0x0af4_0105L;
    private int clientPort = 40_000;
    private long vipLow = 0x0a60_000aL;
    private long destination = FlowHash.destination(0, vipLow, 80, TCP);

    @Benchmark
    public long baseline() {
        return clientHigh ^ clientLow ^ clientPort ^ destination;
    }

    @Benchmark
    public long client() {
        return FlowHash.client(clientHigh, clientLow);
    }

    @Benchmark
    public long tupleWithKeptDestination() {
        return FlowHash.flow(FlowHash.client(clientHigh, clientLow), clientPort, destination);
    }

    @Benchmark
    public long wholeTuple() {
        return FlowHash.flow(
                FlowHash.client(clientHigh, clientLow),
                clientPort,
                FlowHash.destination(0, vipLow, 80, TCP));
    }
}
