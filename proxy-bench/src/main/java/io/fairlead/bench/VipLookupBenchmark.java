package io.fairlead.bench;

import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.VipTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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

/// What does finding the Service of an arriving client cost, by the number of Services? Clients
/// come to all of them in an order that cannot be foreseen, so that the table is in the cache only
/// as far as it fits. The baseline is a hash map of the JDK by address and port.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class VipLookupBenchmark {

    private static final long TAG = VipTable.tag(Protocol.TCP, IpFamily.IPV4, Samples.VIP_PORT);

    @Param({"10", "1000", "10000", "45000"})
    int services;

    private VipTable table = VipTable.of(List.of(), NodeNetwork.EMPTY);
    private final Map<Long, VipTable.Row> map = new HashMap<>();
    private long[] addresses = {};
    private final HashSequence hashes = new HashSequence();

    @Setup
    public void build() {
        table = VipTable.of(Samples.entries(services), NodeNetwork.EMPTY);
        addresses = new long[services];
        for (VipTable.Row row : table.rows()) {
            addresses[map.size()] = row.frontend().at().address().low();
            map.put(key(addresses[map.size()]), row);
        }
    }

    private static long key(long address) {
        return (address << Short.SIZE) | Samples.VIP_PORT;
    }

    private long nextAddress() {
        return addresses[(int) Math.unsignedMultiplyHigh(hashes.next(), services)];
    }

    @Benchmark
    public VipTable.@Nullable Row baseline() {
        return map.get(key(nextAddress()));
    }

    @Benchmark
    public VipTable.@Nullable Row lookup() {
        return table.lookup(Samples.VIP_HIGH, nextAddress(), TAG);
    }
}
