package io.fairlead.core.transport;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.kernel.Pipe;
import io.fairlead.core.testing.Capabilities;
import io.fairlead.core.testing.FakeClock;
import io.fairlead.core.testing.Kernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Pipes are kept while they are needed, and never beyond what is allowed.
class PipePoolTest {

    private final FakeClock clock = new FakeClock();
    private final PipeBudget budget = new PipeBudget();
    private final PipePool pool = new PipePool(budget, clock);
    private final List<Pipe> taken = new ArrayList<>();

    PipePoolTest() {
        budget.allow(1_000);
    }

    @AfterEach
    void close() {
        taken.forEach(pool::giveBack);
        pool.close();
        assertThat(budget.open()).isZero();
    }

    private int takeAll(int atMost) {
        int count = 0;
        Pipe pipe;
        while (count < atMost && (pipe = pool.take()) != null) {
            taken.add(pipe);
            count++;
        }
        return count;
    }

    @Test
    void aPipeHolds256KiB() {
        assertThat(takeAll(1)).isEqualTo(1);
        assertThat(taken.getFirst().capacity()).isEqualTo(256 << 10);
    }

    @Test
    void aPipeThatComesBackIsUsedAgain() {
        Pipe pipe = requireNonNull(pool.take());
        pool.giveBack(pipe);
        assertThat(pool.take()).isSameAs(pipe);
        taken.add(pipe);
        assertThat(budget.open()).isEqualTo(1);
    }

    @Test
    void aLoopHasSoMany() {
        assertThat(takeAll(1_000)).isEqualTo(PipePool.MOST);
        assertThat(pool.inUseLately()).isEqualTo(PipePool.MOST);
    }

    @Test
    void allLoopsTogetherHaveWhatDescriptorsAllow() {
        budget.allow(3);
        assertThat(takeAll(1_000)).isEqualTo(3);
        assertThat(budget.open()).isEqualTo(3);
    }

    @Test
    void thoseThatNobodyNeededAreClosed() {
        int before = Kernel.openDescriptors();
        takeAll(5);
        assertThat(Kernel.openDescriptors()).isEqualTo(before + 10);
        taken.forEach(pool::giveBack);
        taken.clear();
        pool.trim(); // five were needed until now
        assertThat(budget.open()).isEqualTo(5);
        pool.trim();
        assertThat(budget.open()).isZero();
        assertThat(Kernel.openDescriptors()).isEqualTo(before);
    }

    @Test
    void spareOnesAreClosedWhenDescriptorsRunShort() {
        takeAll(5);
        taken.forEach(pool::giveBack);
        taken.clear();
        budget.allow(2);
        pool.trim();
        assertThat(budget.open()).isEqualTo(2);
    }

    /// pipe(7): beyond `pipe-user-pages-soft`, who has no privilege gets pipes of a page or two.
    @Test
    void withoutPrivilegeThereAreNoneBeyondTheUsersShareForASecond() throws Exception {
        Pipe[] hoard = new Pipe[400];
        try {
            int kept = 0;
            while (kept < hoard.length
                    && (hoard[kept] = Pipe.open(PipePool.PIPE_BYTES, 1)) != null) {
                kept++;
            }
            assertThat(kept).isEqualTo(hoard.length);
            Capabilities.withoutAny(() -> assertThat(pool.take()).isNull());
            // Not asked for again at once, even though it would be granted now.
            assertThat(pool.take()).isNull();
            assertThat(budget.open()).isZero();
        } finally {
            for (Pipe pipe : hoard) {
                if (pipe != null) {
                    pipe.close();
                }
            }
        }
        clock.advanceSeconds(2, 0);
        assertThat(takeAll(1)).isEqualTo(1);
    }
}
