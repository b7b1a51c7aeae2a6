package io.fairlead.k8s.watch;

import io.fairlead.k8s.measure.Durations;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/// How often the API server was asked for something, with what success, and how long it took to
/// answer. Safe for threads.
public final class ApiRequests {

    /// As client-go has them, and dashboards with it (SEMANTICS A13).
    private static final double[] BOUNDS = {0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60};

    /// What client-go calls the code of an answer that never came.
    private static final String NO_ANSWER = "<error>";

    /// Requests that were given up before an answer are never told of; they are not kept for ever.
    private static final int MAX_UNDER_WAY = 1_000;

    /// An answer of a kind.
    ///
    /// @param code the HTTP status, or `<error>`
    public record Answer(String code, String method, String host) {}

    /// A kind of request.
    public record Request(String verb, String host) {}

    private final LongSupplier nanoClock;
    private final Map<Answer, LongAdder> answers = new ConcurrentHashMap<>();
    private final Map<Request, Durations> durations = new ConcurrentHashMap<>();
    private final Map<UUID, Long> underWay = new ConcurrentHashMap<>();

    public ApiRequests(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    void onSent(UUID id) {
        if (underWay.size() >= MAX_UNDER_WAY) {
            underWay.clear();
        }
        underWay.put(id, nanoClock.getAsLong());
    }

    void onAnswered(UUID id, int code, String method, String host) {
        count(new Answer(Integer.toString(code), method, host));
        Long sent = underWay.remove(id);
        if (sent != null) {
            durations
                    .computeIfAbsent(new Request(method, host), _ -> new Durations(BOUNDS))
                    .add(Duration.ofNanos(nanoClock.getAsLong() - sent));
        }
    }

    void onNoAnswer(String method, String host) {
        count(new Answer(NO_ANSWER, method, host));
    }

    private void count(Answer answer) {
        answers.computeIfAbsent(answer, _ -> new LongAdder()).increment();
    }

    /// How many answers of each kind there were.
    public Map<Answer, Long> answers() {
        Map<Answer, Long> now = new HashMap<>();
        answers.forEach((answer, count) -> now.put(answer, count.sum()));
        return now;
    }

    /// How long each kind of request took.
    public Map<Request, Durations> durations() {
        return Map.copyOf(durations);
    }
}
