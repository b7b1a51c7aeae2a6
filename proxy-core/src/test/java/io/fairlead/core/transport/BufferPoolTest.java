package io.fairlead.core.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BufferPoolTest {

    private final BufferPool pool = new BufferPool();

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void aBlockGivenBackIsTakenAgain() {
        MemorySegment block = pool.take();
        assertThat(block.byteSize()).isEqualTo(BufferPool.BLOCK_BYTES);
        assertThat(pool.inUse()).isOne();
        pool.giveBack(block);
        assertThat(pool.inUse()).isZero();
        assertThat(pool.take()).isSameAs(block);
    }

    @Test
    void aBurstIsServedAndItsMemoryReturned() {
        List<MemorySegment> burst = new ArrayList<>();
        for (int i = 0; i < 3 * BufferPool.KEPT; i++) {
            burst.add(pool.take());
        }
        assertThat(pool.inUse()).isEqualTo(burst.size());
        assertThat(addresses(burst)).hasSameSizeAs(burst);
        burst.forEach(pool::giveBack);
        assertThat(pool.inUse()).isZero();
        assertThat(burst).filteredOn(b -> b.scope().isAlive()).hasSize(BufferPool.KEPT);
    }

    @Test
    void thereIsRoomUntilAsManyAreTakenAsThereShouldBe() {
        pool.bound(2);
        MemorySegment first = pool.take();
        assertThat(pool.hasRoom()).isTrue();
        MemorySegment second = pool.take();
        assertThat(pool.hasRoom()).isFalse();
        pool.giveBack(first);
        assertThat(pool.hasRoom()).isTrue();
        pool.giveBack(second);
    }

    private static Set<Long> addresses(List<MemorySegment> blocks) {
        Set<Long> addresses = new HashSet<>();
        blocks.forEach(b -> addresses.add(b.address()));
        return addresses;
    }
}
