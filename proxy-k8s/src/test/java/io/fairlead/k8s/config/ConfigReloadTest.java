package io.fairlead.k8s.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.fairlead.core.service.Balancing;
import io.fairlead.k8s.AgentOptions;
import io.fairlead.k8s.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// A configuration file that changes on a real file system (SEMANTICS A16.2).
class ConfigReloadTest {

    private static final String HEAD =
            "apiVersion: fairlead.io/v1alpha1\nkind: FairleadConfiguration\n";

    @TempDir private Path folder;

    private final List<AgentOptions> taken = new CopyOnWriteArrayList<>();
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(ConfigReload.class);
    private final AppenderBase<ILoggingEvent> appender =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    lines.add(event.getLevel() + " " + event.getFormattedMessage());
                }
            };

    @BeforeEach
    void listen() {
        appender.start();
        logger.addAppender(appender);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(appender);
    }

    private ConfigReload follow(Path file, ConfigLayer... above) throws ConfigException {
        return Objects.requireNonNull(
                ConfigReload.follow(Configuration.load(file, List.of(above)), taken::add));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), HEAD + text);
    }

    private void rename(String text) throws IOException {
        Files.move(
                write("draft", text),
                folder.resolve("f.yaml"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private void awaitPolicy(Balancing.Policy policy) {
        Await.until(
                "the policy is " + policy,
                () -> !taken.isEmpty() && taken.getLast().balance() == policy);
    }

    private void awaitLine(String part) {
        Await.until("it says: " + part, () -> lines.stream().anyMatch(l -> l.contains(part)));
    }

    @Test
    void a16_2_aFileWrittenInPlaceIsTaken() throws Exception {
        Path file = write("f.yaml", "balance: maglev\n");
        try (ConfigReload _ = follow(file)) {
            write("f.yaml", "balance: random\n");
            awaitPolicy(Balancing.Policy.RANDOM);
            awaitLine("balance: maglev -> random");
        }
    }

    @Test
    void a16_2_aFileRenamedOverIsTakenEachTime() throws Exception {
        Path file = write("f.yaml", "balance: maglev\n");
        try (ConfigReload _ = follow(file)) {
            rename("balance: random\n");
            awaitPolicy(Balancing.Policy.RANDOM);
            rename("balance: round-robin\n");
            awaitPolicy(Balancing.Policy.ROUND_ROBIN);
            rename("");
            awaitPolicy(Balancing.DEFAULT.policy());
        }
    }

    /// As kubelet does: the file is a link through `..data`, which is swapped.
    @Test
    void a16_2_aSwappedConfigMapIsTaken() throws Exception {
        Path one = Files.createDirectory(folder.resolve("..1"));
        Path two = Files.createDirectory(folder.resolve("..2"));
        Files.writeString(one.resolve("f.yaml"), HEAD + "balance: maglev\n");
        Files.writeString(two.resolve("f.yaml"), HEAD + "balance: random\n");
        Path data = Files.createSymbolicLink(folder.resolve("..data"), Path.of("..1"));
        Path file = Files.createSymbolicLink(folder.resolve("f.yaml"), Path.of("..data", "f.yaml"));
        try (ConfigReload _ = follow(file)) {
            Path next = Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..2"));
            Files.move(
                    next,
                    data,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            awaitPolicy(Balancing.Policy.RANDOM);
        }
    }

    @Test
    void a16_2_whatNeedsARestartIsNamedAndLeftAsItIs() throws Exception {
        Path file = write("f.yaml", "threads: 2\nbalance: maglev\n");
        try (ConfigReload _ = follow(file)) {
            rename("threads: 3\nbalance: random\n");
            awaitPolicy(Balancing.Policy.RANDOM);
            awaitLine("restart to apply: threads: 2 -> 3");
            assertThat(taken.getLast().threads()).isEqualTo(2);
            rename("threads: 2\nbalance: random\nlogLevel: warn\n");
            awaitLine("logLevel: info -> warn");
            assertThat(lines.getLast()).doesNotContain("restart");
        }
    }

    @Test
    void a16_2_timesOfSyncsAreTakenTogether() throws Exception {
        Path file = write("f.yaml", "");
        try (ConfigReload _ = follow(file)) {
            rename("sync: {minInterval: 1m, retry: 2m}\n");
            awaitLine("sync.minInterval: 10ms -> 1m; sync.retry: 30s -> 2m");
            rename("sync: {minInterval: 1ms, retry: 5ms}\n");
            awaitLine("sync.minInterval: 1m -> 1ms; sync.retry: 2m -> 5ms");
            assertThat(taken.getLast().sync().retry()).hasMillis(5);
        }
    }

    @Test
    void a16_2_anInvalidFileKeepsTheOldConfiguration() throws Exception {
        Path file = write("f.yaml", "balance: maglev\n");
        try (ConfigReload _ = follow(file)) {
            rename("balance: random\nthreads: none\n");
            awaitLine("ERROR " + file + ": line 4: threads: 'none' is not a whole number");
            awaitLine("the configuration stays as it was");
            assertThat(taken).isEmpty();
            rename("balance: random\n");
            awaitPolicy(Balancing.Policy.RANDOM);
        }
    }

    @Test
    void a16_2_aFileThatIsGoneKeepsTheConfigurationUntilItIsBack() throws Exception {
        Path file = write("f.yaml", "balance: maglev\n");
        try (ConfigReload _ = follow(file)) {
            Files.delete(file);
            awaitLine("cannot be read any more");
            assertThat(taken).isEmpty();
            rename("balance: random\n");
            awaitPolicy(Balancing.Policy.RANDOM);
        }
    }

    @Test
    void a15_whatTheCommandLineSaysStandsAboveAChangedFile() throws Exception {
        CommandLineKeys keys = new CommandLineKeys();
        keys.put("--balance", "source-hash");
        Path file = write("f.yaml", "balance: maglev\n");
        try (ConfigReload _ = follow(file, keys.layer())) {
            rename("balance: random\nlogLevel: warn\n");
            awaitLine("logLevel: info -> warn");
            assertThat(taken.getLast().balance()).isEqualTo(Balancing.Policy.SOURCE_HASH);
        }
    }

    @Test
    void a15_theCommandLineStandsAboveTheEnvironmentAndThatAboveTheFile() throws Exception {
        Path file = write("f.yaml", "logLevel: error\nsource: {kubeconfig: /k}\nthreads: 2\n");
        CommandLineKeys keys = new CommandLineKeys();
        keys.put("--manifests", "/m");
        AgentOptions options =
                Configuration.load(
                                file,
                                List.of(
                                        CommandLineKeys.ofEnvironment(
                                                Map.of("FAIRLEAD_LOG", "DEBUG")),
                                        keys.layer()))
                        .options();
        assertThat(options.logLevel()).hasToString("DEBUG");
        assertThat(options.threads()).isEqualTo(2);
        assertThat(options.source().manifests()).isEqualTo(Path.of("/m"));
        assertThat(options.source().kubeconfig()).isNull();
        assertThat(Files.readString(file, UTF_8)).startsWith(HEAD);
    }
}
