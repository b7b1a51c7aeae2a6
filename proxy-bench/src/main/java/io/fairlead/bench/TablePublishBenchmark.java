package io.fairlead.bench;

import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.table.ServiceEntry;
import io.fairlead.core.table.TableBuilder;
import io.fairlead.core.table.TableUpdate;
import io.fairlead.core.table.VipTable;
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

/// How long does the next table take to make and publish when one entry changed, by the number of
/// those that did not? The baseline makes it from all entries.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TablePublishBenchmark {

    @Param({"100", "10000"})
    int services;

    private final TableBuilder builder = new TableBuilder(true);
    private final PublishedTable published = new PublishedTable();
    private List<ServiceEntry> entries = List.of();
    private ServiceEntry[] versions = {};
    private int turn;

    @Setup
    public void build() {
        entries = Samples.entries(services);
        published.publish(builder.update(entries, List.of(), NodeNetwork.EMPTY).table());
        versions =
                new ServiceEntry[] {Samples.entry(services / 2, 2), Samples.entry(services / 2, 3)};
    }

    @Benchmark
    public VipTable baseline() {
        published.publish(VipTable.of(entries, NodeNetwork.EMPTY));
        return published.current();
    }

    @Benchmark
    public VipTable publish() {
        turn ^= 1;
        TableUpdate update = builder.update(List.of(versions[turn]), List.of(), NodeNetwork.EMPTY);
        published.publish(update.table());
        return published.current();
    }
}
