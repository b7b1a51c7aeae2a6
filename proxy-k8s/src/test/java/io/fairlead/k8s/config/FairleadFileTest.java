package io.fairlead.k8s.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fairlead.core.service.Balancing;
import io.fairlead.core.udp.UdpOptions;
import io.fairlead.k8s.AgentOptions;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.sync.SyncOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.Level;

/// What a FairleadConfiguration may say, and what is said of everything else.
class FairleadFileTest {

    private static final String HEAD =
            "apiVersion: fairlead.io/v1alpha1\nkind: FairleadConfiguration\n";

    private static AgentOptions read(String text) throws ConfigException {
        ConfigFile file = ConfigFile.parse(Path.of("f.yaml"), (HEAD + text).getBytes(UTF_8));
        assertThat(file.warnings()).isEmpty();
        return AgentOptions.DEFAULT.with(file.layer()::apply);
    }

    private static List<String> problems(String text) {
        ConfigException wrong =
                catchThrowableOfType(
                        ConfigException.class,
                        () -> ConfigFile.parse(Path.of("f.yaml"), text.getBytes(UTF_8)));
        assertThat(wrong).as("a problem").isNotNull();
        return wrong.problems().stream().map(Problem::toString).toList();
    }

    @Test
    void everyKeyIsTaken() throws ConfigException {
        AgentOptions options =
                read(
                        """
                        nodeName: " N1 "
                        runDir: /run/x
                        threads: 3
                        logLevel: debug
                        balance: maglev
                        serviceProxyName: mine
                        source:
                          kubeconfig: /etc/k
                          apiServers: [https://a:6443, "https://[::1]:6443"]
                        status:
                          healthzBindAddress: "[::]:1"
                          metricsBindAddress: "off"
                          bindHardFail: true
                        sync: {minInterval: 1m, fullPeriod: 2h30m, retry: 90s}
                        udp:
                          unrepliedTimeout: 10s
                          repliedTimeout: 1m
                          maxFlows: 500
                          maxFlowsPerClient: 20
                          oneReplyPorts: [53, 123]
                        """);
        assertThat(options.udp())
                .isEqualTo(
                        new UdpOptions(
                                Duration.ofSeconds(10),
                                Duration.ofMinutes(1),
                                500,
                                20,
                                Set.of(53, 123)));
        assertThat(options.sync())
                .isEqualTo(
                        new SyncOptions(
                                Duration.ofMinutes(1),
                                Duration.ofMinutes(150),
                                Duration.ofSeconds(90)));
        assertThat(options.nodeName()).isEqualTo("n1");
        assertThat(options.runDir()).isEqualTo(Path.of("/run/x"));
        assertThat(options.threads()).isEqualTo(3);
        assertThat(options.logLevel()).isEqualTo(Level.DEBUG);
        assertThat(options.balance()).isEqualTo(Balancing.Policy.MAGLEV);
        assertThat(options.serviceProxyName()).isEqualTo("mine");
        assertThat(options.source().kubeconfig()).isEqualTo(Path.of("/etc/k"));
        assertThat(options.source().apiServers())
                .containsExactly(URI.create("https://a:6443"), URI.create("https://[::1]:6443"));
        assertThat(options.status().healthz()).hasToString("[::]:1");
        assertThat(options.status().metrics()).isNull();
        assertThat(options.status().bindHardFail()).isTrue();
    }

    @Test
    void nothingAndNullAreTheDefault() throws ConfigException {
        assertThat(read("")).isEqualTo(AgentOptions.DEFAULT);
        assertThat(read("threads: null\nsource:\nstatus: {metricsBindAddress: null}\n"))
                .isEqualTo(AgentOptions.DEFAULT);
    }

    /// A line is the third of the file: two stand above.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
"""
thread: 3                       | f.yaml: line 3: thread: is not a key; remove it, or write threads if that is meant
colour: red                     | f.yaml: line 3: colour: is not a key; remove it, or see docs/configuration.md for those there are
kubeconfig: /x                  | f.yaml: line 3: kubeconfig: is not a key; remove it, or write source.kubeconfig if that is meant
Threads: 3                      | f.yaml: line 3: Threads: is not a key; remove it, or write threads if that is meant
status: {healthz: x}            | f.yaml: line 3: status.healthz: is not a key; remove it, or see docs/configuration.md for those there are
sync: {minInterval: 10}         | f.yaml: line 3: sync.minInterval: 10 is not a duration from 0s to 1h, such as 10ms; correct it, or leave it out for 10ms
sync: {minInterval: 2h}         | f.yaml: line 3: sync.minInterval: '2h' is not a duration from 0s to 1h, such as 10ms; correct it, or leave it out for 10ms
sync: {retry: soon}             | f.yaml: line 3: sync.retry: 'soon' is not a duration from 1ms to 24h, such as 30s; correct it, or leave it out for 30s
status: 5                       | f.yaml: line 3: status: is a section; write keys under it, or remove it
threads: 0                      | f.yaml: line 3: threads: 0 is not a whole number from 1 to 1024; correct it, or leave it out for one for each processor
threads: 1025                   | f.yaml: line 3: threads: 1025 is not a whole number from 1 to 1024; correct it, or leave it out for one for each processor
threads: 99999999999999999999   | f.yaml: line 3: threads: 99999999999999999999 is not a whole number from 1 to 1024; correct it, or leave it out for one for each processor
threads: '3'                    | f.yaml: line 3: threads: '3' is not a whole number from 1 to 1024; correct it, or leave it out for one for each processor
threads: 1.5                    | f.yaml: line 3: threads: 1.5 is not a whole number from 1 to 1024; correct it, or leave it out for one for each processor
udp: {oneReplyPorts: 53}        | f.yaml: line 3: udp.oneReplyPorts: 53 is not a list; write [VALUE, ...], each a whole number from 1 to 65535; correct it, or leave it out for [53]
udp: {oneReplyPorts: [0]}       | f.yaml: line 3: udp.oneReplyPorts: [0] is not a whole number from 1 to 65535; correct it, or leave it out for [53]
threads: [1]                    | f.yaml: line 3: threads: [1] is not a whole number from 1 to 1024; correct it, or leave it out for one for each processor
nodeName: 17                    | f.yaml: line 3: nodeName: 17 is not a name; put it in quotes; correct it, or leave it out for the host's name
nodeName: ' '                   | f.yaml: line 3: nodeName: ' ' is not a name; correct it, or leave it out for the host's name
balance: best                   | f.yaml: line 3: balance: 'best' is not one of least-connections, maglev, round-robin, random, source-hash; correct it, or leave it out for least-connections
logLevel: loud                  | f.yaml: line 3: logLevel: 'loud' is not one of error, warn, info, debug, trace; correct it, or leave it out for info
status: {bindHardFail: 'yes'}   | f.yaml: line 3: status.bindHardFail: 'yes' is not true or false; correct it, or leave it out for false
status: {metricsBindAddress: localhost:1} | f.yaml: line 3: status.metricsBindAddress: 'localhost:1' is not ADDRESS:PORT, [ADDRESS]:PORT or off; correct it, or leave it out for 127.0.0.1:10249
source: {apiServers: 'https://a'} | f.yaml: line 3: source.apiServers: 'https://a' is not a list; write [VALUE, ...], each the URL of an API server, such as https://HOST:PORT; correct it, or leave it out for the one that they name
source: {apiServers: [ftp://a]} | f.yaml: line 3: source.apiServers: ["ftp://a"] is not the URL of an API server, such as https://HOST:PORT; correct it, or leave it out for the one that they name
source: {manifests: /m, kubeconfig: /k} | f.yaml: line 3: source.manifests: goes without source.kubeconfig and source.apiServers; remove one or the others
""",
            quoteCharacter = '`')
    void whatMakesNoSenseIsNamedWithItsPlaceAndRemedy(String text, String problem) {
        assertThat(problems(HEAD + text)).containsExactly(problem);
    }

    @Test
    void valuesThatContradictEachOtherAreRefused(@TempDir Path folder) throws IOException {
        Path file =
                Files.writeString(folder.resolve("f.yaml"), HEAD + "sync: {minInterval: 31s}\n");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> Configuration.load(file, List.of()))
                .withMessage(
                        file
                                + ": retry: PT30S is less than minInterval, PT31S; change one of them");
    }

    @Test
    void aKeyGivenTwiceIsRefused() {
        assertThat(problems(HEAD + "threads: 1\nstatus: {bindHardFail: true}\nthreads: 2\n"))
                .containsExactly("f.yaml: line 5: threads: stands twice; remove one");
    }

    @Test
    void allThatIsWrongIsSaidAtOnce() {
        assertThat(problems(HEAD + "threads: x\nsource:\n  kubeconfig: 7\n"))
                .hasSize(2)
                .anyMatch(p -> p.startsWith("f.yaml: line 3: threads: "))
                .anyMatch(p -> p.startsWith("f.yaml: line 5: source.kubeconfig: "));
    }

    @Test
    void aFileThatIsNoConfigurationIsSaidToBeNone() {
        assertThat(problems(""))
                .containsExactly("f.yaml: is empty; name at least apiVersion and kind");
        assertThat(problems("- a\n"))
                .containsExactly("f.yaml: line 1: is not an object; write KEY: VALUE");
        assertThat(problems(HEAD + "---\n" + HEAD))
                .singleElement()
                .asString()
                .contains("starts another document; leave one in the file");
        assertThat(problems(HEAD + "threads: [1\n"))
                .singleElement()
                .asString()
                .startsWith("f.yaml: line ");
        assertThat(problems("apiVersion: v1\nkind: Service\n"))
                .containsExactly(
                        "f.yaml: line 2: kind: apiVersion 'v1' and kind 'Service' are not known;"
                                + " write fairlead.io/v1alpha1 and FairleadConfiguration, or"
                                + " kubeproxy.config.k8s.io/v1alpha1 and KubeProxyConfiguration");
        assertThat(problems("threads: 1\n")).singleElement().asString().contains("kind 'null'");
    }

    @Test
    void aFileThatIsNotThereIsSaidToBeMissing() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> Configuration.load(Path.of("/nowhere/f.yaml"), List.of()))
                .withMessage("/nowhere/f.yaml: no such configuration; give --config another file");
    }
}
