package io.fairlead.k8s.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.AgentProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Commands whose standard output has no room, as on a full disk.
class OutputLostTest {

    private static final List<String> ON_A_FULL_DISK =
            List.of("sh", "-c", "exec \"$@\" > /dev/full", "sh");

    @TempDir private Path folder;

    @Test
    void aPlanThatDidNotArriveHasFailed() throws Exception {
        Files.writeString(
                folder.resolve("web.yaml"),
                "{apiVersion: v1, kind: Service, metadata: {name: web},"
                        + " spec: {clusterIP: 10.96.0.1, ports: [{port: 80}]}}");
        hasFailed("plan", folder, "--node-name", "n1", "-o", "json");
    }

    @Test
    void soHasAnyOtherCommand() throws Exception {
        hasFailed("version");
        hasFailed("doctor");
    }

    private static void hasFailed(Object... arguments) throws Exception {
        try (AgentProcess fairlead = AgentProcess.startUnder(ON_A_FULL_DISK, arguments)) {
            assertThat(fairlead.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(fairlead.output())
                    .containsExactly("fairlead: standard output cannot be written to");
        }
    }
}
