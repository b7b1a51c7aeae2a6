package io.fairlead.core.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.testing.Namespace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostProgramTest {

    @Test
    void givesWhatWasPrintedAndTheExitCode() throws HostException {
        HostProgram.Output output =
                HostProgram.of("sh", "dash")
                        .run("hello", List.of("-c", "cat; echo no >&2; exit 3"));

        assertThat(output).isEqualTo(new HostProgram.Output(3, "hello", "no\n"));
        assertThat(output.complaint()).isEqualTo("no");
    }

    @Test
    void aMissingProgramIsReportedWithItsPackage() {
        HostProgram nft =
                new HostProgram(
                        "nft", "nftables", List.of(Path.of("/empty")), Duration.ofSeconds(1), 1);

        assertThatThrownBy(() -> nft.run("", List.of()))
                .isInstanceOf(HostException.class)
                .hasMessage("the program nft is not installed; install the package nftables");
    }

    @Test
    void aProgramThatDoesNotEndIsKilled() {
        HostProgram sleep = program("sleep", Duration.ofMillis(1), 1);

        assertThatThrownBy(() -> sleep.run("", List.of("600")))
                .hasMessage("sleep did not end within 1 ms and was killed");
    }

    @Test
    void anEndlessOutputIsNotKept() {
        HostProgram head = program("head", Duration.ofMinutes(1), 1000);

        assertThatThrownBy(() -> head.run("", List.of("-c", "1001", "/dev/zero")))
                .hasMessage("head printed more than 1000 bytes");
    }

    @Test
    void aProgramThatDoesNotReadItsInputIsNoFailure() throws HostException {
        HostProgram.Output output =
                HostProgram.of("true", "coreutils").run("x".repeat(1 << 20), List.of());

        assertThat(output.ok()).isTrue();
    }

    @Test
    void runsInTheNetworkNamespaceOfItsCaller() {
        try (Namespace namespace = new Namespace()) {
            namespace.ip("link add here type veth peer name there");

            assertThat(namespace.call(() -> HostProgram.ip().require("", "link"))).contains("here");
        }
    }

    private static HostProgram program(String name, Duration timeout, int maxOutput) {
        return new HostProgram(
                name,
                "coreutils",
                List.of(Path.of("/usr/bin"), Path.of("/bin")),
                timeout,
                maxOutput);
    }
}
