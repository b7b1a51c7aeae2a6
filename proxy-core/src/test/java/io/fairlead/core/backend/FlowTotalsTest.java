package io.fairlead.core.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Counts of event loops, added up.
class FlowTotalsTest {

    @Test
    void eachCountHasAPlaceOfItsOwn() {
        FlowCounters one = new FlowCounters();
        FlowCounters other = new FlowCounters();
        one.onOpened();
        other.onOpened();
        one.onReceived(10);
        one.onReturned(20);
        other.onReceivedDatagram(1);
        other.onReturnedDatagram(2);
        for (FlowEnd end : FlowEnd.values()) {
            one.onClosed(end);
        }
        for (FlowRefusal refusal : FlowRefusal.values()) {
            one.onRefused(refusal);
        }
        for (ConnectFailure failure : ConnectFailure.values()) {
            one.onConnectFailure(failure);
            one.onConnectRetry(failure);
            other.onConnectRetry(failure);
        }
        FlowTotals totals = FlowTotals.of(new FlowCounters[] {one, other});
        assertThat(totals.opened()).isEqualTo(2);
        assertThat(totals.receivedBytes()).isEqualTo(11);
        assertThat(totals.returnedBytes()).isEqualTo(22);
        assertThat(totals.receivedDatagrams()).isOne();
        assertThat(totals.returnedDatagrams()).isOne();
        assertThat(FlowEnd.values()).allMatch(e -> totals.closed(e) == 1);
        assertThat(FlowRefusal.values()).allMatch(r -> totals.refused(r) == 1);
        assertThat(ConnectFailure.values())
                .allMatch(f -> totals.connectFailures(f) == 1 && totals.connectRetries(f) == 2);
        assertThat(totals.connects()).containsOnly(0);
        assertThat(totals.firstBytes()).containsOnly(0);
    }

    @Test
    void aTimeIsInTheFirstBucketWhoseBoundIsNotLess() {
        double[] bounds = FlowTotals.boundsSeconds();
        assertThat(bounds).startsWith(0.000_25, 0.001, 0.004).endsWith(4.096);
        for (int i = 0; i < bounds.length; i++) {
            long ns = Math.round(bounds[i] * 1e9);
            assertThat(FlowTotals.bucket(ns)).isEqualTo(i);
            assertThat(FlowTotals.bucket(ns + 1)).isEqualTo(i + 1);
        }
        FlowCounters counters = new FlowCounters();
        counters.onConnected(0);
        counters.onFirstByte(Long.MAX_VALUE / 2);
        FlowTotals totals = FlowTotals.of(new FlowCounters[] {counters});
        assertThat(totals.connects()[0]).isOne();
        assertThat(totals.firstBytes()[bounds.length]).isOne();
        assertThat(Arrays.stream(totals.connects()).sum()).isOne();
    }
}
