package io.fairlead.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NumbersTest {

    @Test
    void threeDigitsCount() {
        assertThat(Numbers.plain(0)).isEqualTo("0");
        assertThat(Numbers.plain(0.0421)).isEqualTo("0.042");
        assertThat(Numbers.plain(9.311)).isEqualTo("9.31");
        assertThat(Numbers.plain(42.04)).isEqualTo("42.0");
        assertThat(Numbers.plain(12_340.4)).isEqualTo("12,340");
    }

    @Test
    void largeFiguresAreAbbreviated() {
        assertThat(Numbers.brief(9_999)).isEqualTo("9,999");
        assertThat(Numbers.brief(12_340)).isEqualTo("12.3 k");
        assertThat(Numbers.brief(1_204_000)).isEqualTo("1.20 M");
    }

    @Test
    void axesHaveRoundTicks() {
        assertThat(Axis.linear(9.3, 0, 100).ticks(5)).containsExactly(0.0, 2.0, 4.0, 6.0, 8.0);
        assertThat(Axis.logarithmic(8, 210, 0, 100).ticks(0))
                .containsExactly(10.0, 20.0, 50.0, 100.0, 200.0);
    }
}
