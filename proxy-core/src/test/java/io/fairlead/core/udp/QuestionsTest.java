package io.fairlead.core.udp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuestionsTest {

    private static final int MORE_THAN_ARE_KEPT = 1_500;

    private final Questions questions = new Questions();

    /// As [DnsMessage] has them: what is asked is known.
    private static long question(long asked) {
        return 1L << 47 | asked;
    }

    @Test
    void eachQuestionHasOneAnswerInAnyOrder() {
        for (long key = 0; key < 100; key++) {
            questions.ask(question(key));
        }
        for (long key = 99; key >= 0; key--) {
            assertThat(questions.isSettled()).isFalse();
            assertThat(questions.answer(question(key))).isTrue();
            assertThat(questions.answer(question(key))).isFalse();
        }
        assertThat(questions.isSettled()).isTrue();
    }

    @Test
    void aQuestionAskedTwiceHasTwoAnswers() {
        questions.ask(question(7));
        questions.ask(question(7));
        assertThat(questions.answer(question(7))).isTrue();
        assertThat(questions.isSettled()).isFalse();
        assertThat(questions.answer(question(7))).isTrue();
        assertThat(questions.isSettled()).isTrue();
    }

    /// So its socket serves no other flow.
    @Test
    void whatLostSightOfAQuestionIsNeverSettledAgain() {
        for (long key = 0; key < MORE_THAN_ARE_KEPT; key++) {
            questions.ask(question(key));
        }
        assertThat(questions.answer(question(0))).isFalse();
        for (long key = 0; key < MORE_THAN_ARE_KEPT; key++) {
            questions.answer(question(key));
        }
        assertThat(questions.answer(question(MORE_THAN_ARE_KEPT - 1))).isFalse();
        assertThat(questions.isSettled()).isFalse();
    }
}
