package io.fairlead.core.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.BackendSpec;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TurnScheduleTest {

    private static int[] firstPeriod(TurnSchedule schedule) {
        return IntStream.range(0, schedule.period()).map(schedule::at).toArray();
    }

    private static int[] turnsOfEach(TurnSchedule schedule, int indexes) {
        int[] counts = new int[indexes];
        Arrays.stream(firstPeriod(schedule)).forEach(i -> counts[i]++);
        return counts;
    }

    @Test
    void equalWeightsTakeTurnsInOrder() {
        TurnSchedule schedule = TurnSchedule.of(new int[] {7, 7, 7});
        assertThat(firstPeriod(schedule)).containsExactly(0, 1, 2);
        assertThat(schedule.at(3)).isZero();
        assertThat(schedule.at(Integer.MAX_VALUE + 1L)).isEqualTo(2);
    }

    @Test
    void lightTurnsStandApart() {
        assertThat(firstPeriod(TurnSchedule.of(new int[] {5, 1, 1})))
                .containsExactly(0, 0, 2, 0, 0, 1, 0);
    }

    @Test
    void turnsAreExactlyAsTheWeights() {
        int[] weights = Fixtures.mixedWeights(100);
        assertThat(turnsOfEach(TurnSchedule.of(weights), 100)).isEqualTo(weights);
    }

    @Test
    void commonFactorsShortenThePeriod() {
        assertThat(TurnSchedule.of(new int[] {100, 50, 250}).period()).isEqualTo(8);
    }

    @Test
    void aThousandBackendsOfAnyWeightsAreExact() {
        int[] weights = IntStream.range(0, 1_024).map(i -> 1 + i % 256).toArray();
        assertThat(turnsOfEach(TurnSchedule.of(weights), weights.length)).isEqualTo(weights);
    }

    @Test
    void aPeriodThatWouldBeTooLongIsRounded() {
        int[] weights =
                IntStream.range(0, 20_000)
                        .map(i -> i == 0 ? 1 : BackendSpec.MAX_WEIGHT - i % 2)
                        .toArray();
        TurnSchedule schedule = TurnSchedule.of(weights);
        assertThat(schedule.period()).isLessThanOrEqualTo(TurnSchedule.MAX_PERIOD);
        assertThat(turnsOfEach(schedule, weights.length)).doesNotContain(0);
    }
}
