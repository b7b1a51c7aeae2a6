package io.fairlead.bench;

import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.table.ServiceChange;
import io.fairlead.core.table.SnapshotDiff;
import java.util.ArrayList;
import java.util.List;
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

/// What does finding the one service port that changed cost, by the number of those that did not?
/// The baseline compares each with what it was.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SnapshotDiffBenchmark {

    @Param({"100", "10000"})
    int services;

    private ServiceSnapshot before = ServiceSnapshot.EMPTY;
    private ServiceSnapshot after = ServiceSnapshot.EMPTY;

    @Setup
    public void build() {
        List<ServicePort> ports = new ArrayList<>();
        for (int i = 0; i < services; i++) {
            ports.add(Samples.port(i, 3));
        }
        before = ServiceSnapshot.of(ports, NodeNetwork.EMPTY);
        after = before.with(Samples.port(services / 2, 2));
    }

    @Benchmark
    public List<ServicePort> baseline() {
        List<ServicePort> changed = new ArrayList<>();
        for (ServicePort port : after.ports()) {
            if (!port.equals(before.port(port.name()))) {
                changed.add(port);
            }
        }
        return changed;
    }

    @Benchmark
    public List<ServiceChange> diff() {
        return SnapshotDiff.between(before, after);
    }
}
