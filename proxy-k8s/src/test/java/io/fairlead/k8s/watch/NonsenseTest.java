package io.fairlead.k8s.watch;

import static io.fairlead.k8s.watch.Manifests.bytes;
import static io.fairlead.k8s.watch.Manifests.clusterIp;
import static io.fairlead.k8s.watch.Manifests.service;
import static io.fairlead.k8s.watch.Manifests.slice;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.local.LocalView;
import io.fairlead.k8s.local.Localiser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nonsense beside a good Service: a problem where it is one, and the good Service is served.
class NonsenseTest {
    private static final int MEBIBYTE = 1 << 20;

    @TempDir Path folder = Path.of("");

    @BeforeEach
    void aGoodService() throws IOException {
        write("good.yaml", service("good", "10.96.0.1") + "---\n" + good("10.0.0.1"));
    }

    private static String good(String address) {
        return slice("good-1", "good", address);
    }

    private void write(String name, String text) throws IOException {
        Files.write(folder.resolve(name), bytes(text));
    }

    private void write(String name, byte filling, int length) throws IOException {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, filling);
        Files.write(folder.resolve(name), bytes);
    }

    /// The problems' places; the good Service must be untouched.
    private List<String> problems() throws IOException {
        ClusterUpdate update = ManifestFolder.read(folder);
        assertThat(clusterIp(update.state(), "good")).isEqualTo("10.96.0.1");
        LocalView view = Localiser.localise(update.state(), LocalOptions.forNode("n1"));
        assertThat(view.sortedPorts())
                .filteredOn(p -> p.name().service().equals("good"))
                .singleElement()
                .extracting(p -> String.valueOf(p.internal()))
                .asString()
                .contains("10.0.0.1:8080");
        List<String> places = new ArrayList<>(Manifests.places(update.problems()));
        places.addAll(Manifests.places(view.problems()));
        return places;
    }

    @Test
    void truncatedYaml() throws IOException {
        write("cut.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: x");
        assertThat(problems()).containsExactly("File cut.yaml | line 3");
    }

    @Test
    void aTab() throws IOException {
        write("tab.yaml", "apiVersion: v1\nkind: Service\n\tmetadata: {name: x}\n");
        assertThat(problems()).containsExactly("File tab.yaml | line 3");
    }

    @Test
    void documentsThatAreNoManifests() throws IOException {
        write("list.json", "[{\"apiVersion\": \"v1\", \"kind\": \"Service\"}]");
        write("bare.yaml", service("other", "10.96.0.2") + "---\nkind: Service\n");
        write("five.yaml", "{apiVersion: v1, kind: List, items: [5]}");
        write("later.yaml", "# nothing yet\n");
        assertThat(problems())
                .containsExactly(
                        "File bare.yaml | document 2",
                        "File five.yaml | document 1",
                        "File list.json | document 1");
    }

    @Test
    void fiftyMegabytesOfZeros() throws IOException {
        for (String name : List.of("nul.yaml", "nul.json")) {
            write(name, (byte) 0, 50 * MEBIBYTE);
        }
        for (String name : List.of("digits.yaml", "digits.json")) {
            write(name, (byte) '0', 50 * MEBIBYTE);
        }
        assertThat(problems()).hasSize(4).allMatch(p -> p.startsWith("File "));
    }

    @Test
    void linesOfZeros() throws IOException {
        byte[] bytes = new byte[50 * MEBIBYTE];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i % 64 == 63 ? '\n' : '0');
        }
        Files.write(folder.resolve("lines.yaml"), bytes);
        assertThat(problems()).hasSize(1);
    }

    @Test
    void aFileBeyondTheLimitIsNotRead() throws IOException {
        write("huge.yaml", (byte) '#', ManifestParser.MAX_FILE_BYTES + 1);
        assertThat(problems()).containsExactly("File huge.yaml | ");
    }

    @Test
    void deepNesting() throws IOException {
        write("flow.yaml", "[\n".repeat(1_000_000));
        write("flow.json", "[".repeat(1_000_000));
        StringBuilder block = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            block.append(" ".repeat(i)).append("a:\n");
        }
        write("block.yaml", block.toString());
        assertThat(problems()).hasSize(3).allMatch(p -> p.startsWith("File "));
    }

    @Test
    void anAliasBomb() throws IOException {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++) {
            String alias = "*a" + (i - 1);
            String ten = String.join(", ", IntStream.range(0, 10).mapToObj(_ -> alias).toList());
            bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ten));
        }
        write("bomb.yaml", bomb.toString());
        write("self.yaml", "a: &a [*a]\n");
        write("unknown.yaml", "a: *nothing\n");
        assertThat(problems()).hasSize(3).allMatch(p -> p.startsWith("File "));
    }

    @Test
    void otherFilesAndKindsAreNoProblem() throws IOException {
        write("README.md", "\t[ not yaml");
        write(".hidden.yaml", "\t[ not yaml");
        write("values.yaml", "replicas: 3\n");
        write("Chart.yaml", "apiVersion: v2\nname: chart\n");
        write("list.json", "[1, 2, 3]");
        write("empty.yaml", "");
        write("comment.yaml", "# nothing\n");
        write("crd.yaml", "apiVersion: example.org/v1\nkind: Thing\nspec: 3\n");
        Files.createDirectory(folder.resolve("folder.yaml"));
        Files.createSymbolicLink(folder.resolve("gone.yaml"), folder.resolve("nowhere"));
        assertThat(problems()).isEmpty();
    }

    @Test
    void aPortThatIsNone() throws IOException {
        write("x.yaml", service("x", "10.96.0.2").replace("80", "70000"));
        write("y.yaml", service("y", "10.96.0.3").replace("80", "99999999999999999999"));
        write("z.yaml", service("z", "10.96.0.4").replace("80", "-1"));
        assertThat(problems())
                .containsExactly(
                        "Service default/x | spec.ports[0].port",
                        "Service default/y | spec.ports[0].port",
                        "Service default/z | spec.ports[0].port");
    }

    @Test
    void anIpv6AddressInAnIpv4Slice() throws IOException {
        write("x.yaml", slice("x-1", "x", "fd00::1"));
        assertThat(problems())
                .containsExactly("EndpointSlice default/x-1 | endpoints[0].addresses[0]");
    }

    @Test
    void oneServiceTwice() throws IOException {
        write("a.yaml", service("x", "10.96.0.2"));
        write("b.yaml", service("x", "10.96.0.3"));
        write("c.yaml", service("good", "10.96.0.1"));
        assertThat(problems()).containsExactly("Service default/x | ");
        ClusterUpdate update = ManifestFolder.read(folder);
        assertThat(clusterIp(update.state(), "x")).isEqualTo("10.96.0.2");
        assertThat(update.problems().getFirst().message()).contains("a.yaml", "b.yaml");
    }

    @Test
    void fieldsOfTheWrongShape() throws IOException {
        String head = "apiVersion: v1\nkind: Service\nmetadata: {name: %s}\n";
        write("a.yaml", head.formatted("a") + "spec: [1]\n");
        write("b.yaml", head.formatted("b") + "spec: {clusterIP: 10.96.0.2, ports: [null]}\n");
        write("c.yaml", head.formatted("c") + "spec:\n");
        write("d.yaml", "apiVersion: v1\nkind: Service\nmetadata: 7\n");
        write("e.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: e, labels: {a: [b]}}\n");
        assertThat(problems())
                .containsExactly(
                        "File d.yaml | metadata.name",
                        "Service default/a | spec",
                        "Service default/b | spec.ports[0]",
                        "Service default/c | spec.clusterIP",
                        "Service default/e | metadata.labels.a");
    }

    @Test
    void aSliceOfAThousandEndpoints() throws IOException {
        StringBuilder text = new StringBuilder(slice("x-1", "x", "10.1.0.0"));
        for (int i = 1; i < 1_000; i++) {
            text.append("  - addresses: [\"10.1.%d.%d\"]\n".formatted(i / 256, i % 256));
        }
        write("x.yaml", service("x", "10.96.0.2") + "---\n" + text);
        assertThat(problems()).isEmpty();
        assertThat(backendsOf("x")).isEqualTo(1_000);
    }

    @Test
    void aServiceOfFiveThousandEndpointsInFiftySlices() throws IOException {
        StringBuilder all = new StringBuilder(service("x", "10.96.0.2"));
        for (int s = 0; s < 50; s++) {
            all.append("---\n").append(slice("x-" + s, "x", "10.1." + s + ".0"));
            for (int i = 1; i < 100; i++) {
                all.append("  - addresses: [\"10.1.%d.%d\"]\n".formatted(s, i));
            }
        }
        write("x.yaml", all.toString());
        assertThat(problems()).isEmpty();
        assertThat(backendsOf("x")).isEqualTo(5_000);
    }

    @Test
    void aThousandBadEndpointsDoNotFloodTheProblems() throws IOException {
        StringBuilder text = new StringBuilder(slice("x-1", "x", "nonsense"));
        text.append("  - addresses: [nonsense]\n".repeat(999));
        write("x.yaml", text.toString());
        assertThat(problems()).hasSize(21);
    }

    private int backendsOf(String service) throws IOException {
        LocalView view =
                Localiser.localise(ManifestFolder.read(folder).state(), LocalOptions.forNode("n1"));
        return view.sortedPorts().stream()
                .filter(p -> p.name().service().equals(service))
                .mapToInt(p -> p.internal() == null ? 0 : p.internal().backends().size())
                .sum();
    }
}
