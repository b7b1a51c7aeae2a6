package io.fairlead.k8s.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.cluster.ClusterEvent;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.watch.EventBook.Step;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// How often which event is told, on a clock that the test moves.
class EventBookTest {

    private long nowNanos = -5;
    private final EventBook book = new EventBook(nowNanos);
    private int events;

    private void pass(Duration time) {
        nowNanos += time.toNanos();
    }

    private static ClusterEvent event(String service, String reason) {
        ObjectKey key = new ObjectKey(ObjectKey.Kind.SERVICE, new ObjectName("default", service));
        return ClusterEvent.warning(key, reason, "Listen", "note");
    }

    private Step next(String service) {
        return book.next(event(service, "Reason"), "e" + ++events, nowNanos);
    }

    @Test
    void a1_13_theSameReasonForTheSameObjectIsOneSeries() {
        assertThat(next("web")).isEqualTo(new Step.Create("e1"));
        assertThat(next("web")).isEqualTo(new Step.Count("e1", 2));
        assertThat(next("other")).isEqualTo(new Step.Create("e3"));
        assertThat(book.next(event("web", "Other"), "e4", nowNanos))
                .isEqualTo(new Step.Create("e4"));
    }

    @Test
    void a1_13_furtherOnesAreCountedAndToldAfterFiveMinutes() {
        next("web");
        next("web");
        for (int i = 0; i < 3; i++) {
            pass(Duration.ofMinutes(1));
            assertThat(next("web")).isEqualTo(new Step.Wait());
        }
        pass(Duration.ofMinutes(2));
        assertThat(next("web")).isEqualTo(new Step.Count("e1", 6));
    }

    @Test
    void a1_13_aSeriesEndsAfterSixMinutesWithoutAnother() {
        next("web");
        pass(Duration.ofMinutes(6).minusNanos(1));
        assertThat(next("web")).isEqualTo(new Step.Count("e1", 2));
        pass(Duration.ofMinutes(6));
        assertThat(next("web")).isEqualTo(new Step.Create("e3"));
    }

    @Test
    void a1_13_whatDidNotArriveIsCreatedAnew() {
        next("web");
        book.forget(event("web", "Reason"));
        assertThat(next("web")).isEqualTo(new Step.Create("e2"));
    }

    @Test
    void a1_13_allObjectsShareOneAllowance() {
        for (int i = 0; i < 25; i++) {
            assertThat(next("s" + i)).isInstanceOf(Step.Create.class);
        }
        assertThat(next("s25")).isEqualTo(new Step.Drop());
        assertThat(next("s0")).isEqualTo(new Step.Wait());
        pass(Duration.ofSeconds(10));
        assertThat(next("s25")).isInstanceOf(Step.Create.class);
        assertThat(next("s26")).isEqualTo(new Step.Drop());
        pass(Duration.ofDays(1));
        for (int i = 0; i < 25; i++) {
            assertThat(next("t" + i)).isInstanceOf(Step.Create.class);
        }
        assertThat(next("t25")).isEqualTo(new Step.Drop());
    }
}
