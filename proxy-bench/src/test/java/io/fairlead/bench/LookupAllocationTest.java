package io.fairlead.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.VipTable;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/// That finding an arriving client's Service allocates nothing, as picking its backend does not
/// (`AllocationTest` in proxy-core).
class LookupAllocationTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int SERVICES = 1_000;
    private static final int ROUNDS = 7;
    private static final int CALLS = 100_000;

    private final VipTable table = VipTable.of(Samples.entries(SERVICES), NodeNetwork.EMPTY);
    private final long tag = VipTable.tag(Protocol.TCP, IpFamily.IPV4, Samples.VIP_PORT);

    @Test
    void aLookup() {
        long first = table.rows().getFirst().frontend().at().address().low();
        long least = Long.MAX_VALUE;
        int found = 0;
        // What the JVM does for itself on this thread shows in one round at most.
        for (int round = 0; round < ROUNDS; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                found += table.lookup(Samples.VIP_HIGH, first + i % SERVICES, tag) == null ? 0 : 1;
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(found).isPositive();
        assertThat(least).isZero();
    }
}
