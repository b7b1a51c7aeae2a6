package io.fairlead.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fairlead.bench.report.Spread.Difference;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {

    @Test
    void theMedianIsTheMiddleWhateverTheOrder() {
        assertThat(Spread.of(List.of(9.0, 1.0, 5.0))).isEqualTo(new Spread(5, 1, 9, 3));
        assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 9.0)).median()).isEqualTo(3);
        assertThat(Spread.of(List.of(7.0))).isEqualTo(new Spread(7, 7, 7, 1));
    }

    @Test
    void noFiguresHaveNoSpread() {
        assertThatIllegalArgumentException().isThrownBy(() -> Spread.of(List.of()));
    }

    @Test
    void aDifferenceInsideTheSpreadIsNone() {
        Spread one = Spread.of(List.of(90.0, 100.0, 110.0));
        Spread faster = Spread.of(List.of(105.0, 120.0, 130.0));
        assertThat(faster.against(one)).isEqualTo(Difference.NOT_SHOWN);
        assertThat(one.against(faster)).isEqualTo(Difference.NOT_SHOWN);
        assertThat(Comparison.words(faster, one)).isEqualTo("no difference shown");
    }

    @Test
    void figuresThatTouchDoNotDiffer() {
        Spread one = Spread.of(List.of(90.0, 100.0));
        Spread other = Spread.of(List.of(100.0, 110.0));
        assertThat(other.against(one)).isEqualTo(Difference.NOT_SHOWN);
    }

    @Test
    void whatWasMeasuredOnceIsSaidToBe() {
        assertThat(Comparison.words(Spread.of(List.of(3.0)), Spread.of(List.of(2.0))))
                .isEqualTo("1.50 x (measured once)");
    }

    @Test
    void spreadsApartDifferByTheRatioOfTheirMedians() {
        Spread one = Spread.of(List.of(90.0, 100.0, 110.0));
        Spread twice = Spread.of(List.of(190.0, 200.0, 210.0));
        assertThat(twice.against(one)).isEqualTo(Difference.MORE);
        assertThat(one.against(twice)).isEqualTo(Difference.LESS);
        assertThat(Comparison.words(twice, one)).isEqualTo("2.00 x");
        assertThat(Comparison.words(one, twice)).isEqualTo("0.50 x");
    }
}
