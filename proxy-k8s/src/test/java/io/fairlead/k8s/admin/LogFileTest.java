package io.fairlead.k8s.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {

    @TempDir private Path folder;

    @Test
    void aLargeFileIsPutAsideAndFourAreKept() throws IOException {
        Path path = folder.resolve("log");
        Files.writeString(path, "before\n");
        try (LogFile file = LogFile.open(path, 10)) {
            for (int i = 0; i < 8; i++) {
                file.write(("line " + i + "\n").getBytes(US_ASCII));
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .containsExactlyInAnyOrder("log", "log.1", "log.2", "log.3", "log.4");
        }
        assertThat(path).hasContent("line 7\n");
        assertThat(folder.resolve("log.4")).hasContent("line 3\n");
    }
}
