package io.fairlead.k8s.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.AgentProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher, with a Java that tells what it is started with.
class LauncherTest {

    private static final String RELEASE = "JAVA_VERSION=\"25.0.1\"\n";

    @TempDir private Path folder;

    private Path java;
    private Path lib;

    @BeforeEach
    void makeDistribution() throws IOException {
        java = Files.createDirectories(folder.resolve("java"));
        Files.writeString(java.resolve("release"), RELEASE);
        executable(
                Files.createDirectories(java.resolve("bin")).resolve("java"),
                "#!/bin/sh\nfor a in \"$@\"; do echo \"$a\"; done\n");
        lib = Files.createDirectories(folder.resolve("fairlead/lib"));
        for (String jar : List.of("b-1.jar", "a-2.jar", "a-10.jar")) {
            Files.createFile(lib.resolve(jar));
        }
        executable(
                Files.createDirectories(folder.resolve("fairlead/bin")).resolve("fairlead"),
                Files.readString(Path.of("src/main/bin/fairlead")));
    }

    private static void executable(Path file, String content) throws IOException {
        Files.writeString(file, content);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private void cacheOf(String release) throws IOException {
        Files.createFile(lib.resolve("fairlead.aot"));
        Files.writeString(lib.resolve("fairlead.aot.release"), release);
    }

    /// What it prints, line by line.
    private List<String> launch(String... arguments) throws IOException, InterruptedException {
        return launchWith("FAIRLEAD_JAVA_HOME", arguments);
    }

    private List<String> launchWith(String variable, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(folder.resolve("fairlead/bin/fairlead").toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("FAIRLEAD_JAVA_HOME");
        builder.environment().put(variable, java.toString());
        builder.environment().put("LANG", "en_US.UTF-8");
        Process process = builder.start();
        List<String> lines =
                new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
        assertThat(process.waitFor()).isZero();
        return lines;
    }

    @Test
    void theClassPathIsInOneOrderWhereverItIs() throws Exception {
        assertThat(launch("version"))
                .containsSubsequence(
                        "-cp",
                        "%1$s/a-10.jar:%1$s/a-2.jar:%1$s/b-1.jar".formatted(lib.toRealPath()),
                        "io.fairlead.k8s.cli.Main",
                        "version");
    }

    @Test
    void aRuntimeBesideItIsUsedBeforeAnyOther() throws Exception {
        Path runtime = Files.createDirectories(folder.resolve("fairlead/runtime"));
        Files.writeString(runtime.resolve("release"), RELEASE);
        executable(
                Files.createDirectories(runtime.resolve("bin")).resolve("java"),
                "#!/bin/sh\necho the runtime beside it\n");
        assertThat(launchWith("JAVA_HOME", "version")).containsExactly("the runtime beside it");
    }

    @Test
    void withoutAStartUpCacheNothingIsSaidOfIt() throws Exception {
        assertThat(launch("version")).noneMatch(l -> l.contains("cache") || l.contains("AOT"));
    }

    @Test
    void aStartUpCacheOfTheSameJdkIsUsed() throws Exception {
        cacheOf(RELEASE);
        assertThat(launch("version"))
                .contains("-XX:AOTCache=" + lib.toRealPath().resolve("fairlead.aot"));
    }

    @Test
    void aStartUpCacheOfAnotherJdkIsPassedOverAndSo() throws Exception {
        cacheOf("JAVA_VERSION=\"25.0.2\"\n");
        assertThat(launch("version"))
                .noneMatch(l -> l.contains("-XX:AOTCache"))
                .filteredOn(l -> l.startsWith("fairlead:"))
                .singleElement()
                .asString()
                .contains("starts without its start-up cache", java.toString());
    }

    /// As after `cp -r`, which gives the files other times than the cache knows them by.
    @Test
    void aStartUpCacheThatDoesNotFitIsNoPartOfAnAnswer() throws Exception {
        Path cache = Files.writeString(folder.resolve("other.aot"), "no cache");
        try (AgentProcess version =
                AgentProcess.startUnder(
                        List.of("env", "JDK_JAVA_OPTIONS=-XX:AOTCache=" + cache), "version")) {
            assertThat(version.exitCode()).isZero();
            assertThat(version.output())
                    .filteredOn(line -> !line.startsWith("NOTE: Picked up JDK_JAVA_OPTIONS"))
                    .singleElement()
                    .asString()
                    .startsWith("fairlead ");
        }
    }

    @Test
    void whatTheBuildTrainsWithRunsThrough() {
        assertThat(Main.commandLine().execute("training")).isEqualTo(ExitCode.OK);
    }
}
