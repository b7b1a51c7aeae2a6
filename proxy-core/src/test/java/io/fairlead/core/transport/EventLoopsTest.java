package io.fairlead.core.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Which transport loops have, and what they say where it is not the one that was asked for.
class EventLoopsTest {

    private static final LoopOptions RING = LoopOptions.DEFAULT.withTransport(Transport.IO_URING);

    @Test
    void epollIsTheDefault() {
        try (EventLoops loops = EventLoops.open(1, LoopOptions.DEFAULT)) {
            assertThat(loops.transport()).isEqualTo("epoll");
            assertThat(Transport.of(loops.loops().getFirst())).isEqualTo(Transport.EPOLL);
        }
    }

    @Test
    void anIoUringByChoice() {
        try (EventLoops loops = EventLoops.open(2, RING)) {
            assertThat(loops.transport()).isEqualTo("io_uring");
            assertThat(Transport.of(loops.loops().getLast())).isEqualTo(Transport.IO_URING);
        }
    }

    /// As the runtime's default filter in a container does, in a process of its own.
    @Test
    void epollWhereAFilterOfSystemCallsRefusesAnIoUringAndTheReasonIsSaid() throws Exception {
        assertThat(run(WithoutIoUring.class))
                .startsWith("epoll, for io_uring is refused: ")
                .contains("Operation not permitted");
    }

    @Test
    void loopsThatSpinSayThatTheyDo() {
        try (EventLoops loops = EventLoops.open(1, RING.withSpinMicros(50))) {
            assertThat(loops.transport()).isEqualTo("io_uring, spinning for 50 us");
            assertThat(Transport.of(loops.loops().getFirst())).isEqualTo(Transport.IO_URING);
        }
    }

    private static String run(Class<?> program) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                program.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).isZero();
        return out.lines().toList().getLast();
    }
}
