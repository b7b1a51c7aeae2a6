package io.fairlead.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/// That a stall counts for all that it delayed, and not once.
class PaceTest {

    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

    @Test
    void requestsAreDueAtEvenDistances() {
        Pace pace = Pace.of(5 * MILLISECOND, 1_000);
        assertThat(pace.dueNs(0)).isEqualTo(5 * MILLISECOND);
        assertThat(pace.dueNs(1)).isEqualTo(6 * MILLISECOND);
        assertThat(pace.dueNs(1_000_000)).isEqualTo(1_000_005 * MILLISECOND);
    }

    /// A server that answers at once, but for 100 ms in which it does nothing: of 1,000 requests
    /// that come due in a second, 100 wait, for 50 ms on average.
    @Test
    void aStallCountsForAllThatComesDueMeanwhile() {
        RequestClient.Due due = new RequestClient.Due();
        due.begin(Pace.of(0, 1_000));
        Histogram corrected = new Histogram(3);
        Histogram closedLoop = new Histogram(3);
        long stallFrom = 500 * MILLISECOND;
        long stallTo = 600 * MILLISECOND;
        long free = 0;
        for (int i = 0; i < 1_000; i++) {
            due.add();
            long since = due.take();
            long sent = Math.max(since, free);
            long answered = sent >= stallFrom && sent < stallTo ? stallTo : sent + 1;
            corrected.recordValue(answered - since);
            closedLoop.recordValue(answered - sent);
            free = answered;
        }
        assertThat(due.any()).isFalse();
        assertThat(corrected.getCountBetweenValues(MILLISECOND, 200 * MILLISECOND)).isEqualTo(100);
        assertThat(corrected.getValueAtPercentile(95)).isGreaterThan(45 * MILLISECOND);
        // What would have been seen from the moment of sending.
        assertThat(closedLoop.getValueAtPercentile(95)).isLessThan(MILLISECOND);
    }

    @Test
    void whatIsDueWaitsForTheAnswerBeforeIt() {
        RequestClient.Due due = new RequestClient.Due();
        due.begin(Pace.of(0, 1_000));
        due.add();
        due.add();
        assertThat(due.take()).isZero();
        assertThat(due.any()).isTrue();
        assertThat(due.take()).isEqualTo(MILLISECOND);
        assertThat(due.any()).isFalse();
        assertThat(due.nextNs()).isEqualTo(2 * MILLISECOND);
    }
}
