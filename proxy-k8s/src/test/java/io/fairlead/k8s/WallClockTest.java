package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The clock that somebody may set is read for what is shown and written down, never to wait or to
/// decide by.
class WallClockTest {

    private static final List<Path> MAIN =
            List.of(Path.of("../proxy-core/src/main/java"), Path.of("src/main/java"));

    private static final Pattern WALL_CLOCK =
            Pattern.compile(
                    "currentTimeMillis\\(|(Instant|LocalDateTime|ZonedDateTime|OffsetDateTime)\\.now\\("
                            + "|Clock\\.system|new Date\\(|parkUntil\\(");

    private static boolean readsIt(Path source) {
        try {
            return WALL_CLOCK.matcher(Files.readString(source)).find();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Stream<Path> sources(Path root) {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(p -> p.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatReadsItOnlyShowsIt() {
        assertThat(
                        MAIN.stream()
                                .flatMap(WallClockTest::sources)
                                .filter(WallClockTest::readsIt)
                                .map(p -> p.getFileName().toString())
                                .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(
                        "AgentAdmin.java", // since when the agent runs
                        "Reports.java", // for how long that is
                        "TcpFlow.java", // when a connection ended, in the access log
                        "UdpLoop.java", // the same of a flow of datagrams
                        "ApiEvents.java", // when an Event happened, in the Event
                        "CheckpointWriter.java", // when a checkpoint was written, in it
                        "MetricsPages.java", // the time of a debug page
                        "HttpAnswerWriter.java", // the date of an answer
                        // The times of /healthz and of the latency that clients of the API server
                        // ask for; what is judged goes by its other half, which is monotonic.
                        "Moment.java");
    }
}
