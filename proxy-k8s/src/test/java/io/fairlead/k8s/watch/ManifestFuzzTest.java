package io.fairlead.k8s.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Mutated manifests are read, or refused as broken; nothing else comes out, and it ends.
class ManifestFuzzTest {
    private static final String SEED_YAML =
            Manifests.service("web", "10.96.0.1")
                    + "---\n"
                    + Manifests.slice("web-1", "web", "10.0.0.1")
                    + "---\nkind: List\napiVersion: v1\nitems:\n- &n {apiVersion: v1, kind: Node,"
                    + " metadata: {name: n1}}\n- *n\n";
    private static final String SEED_JSON =
            """
            {"kind": "ServiceList", "apiVersion": "v1", "items": [
              {"metadata": {"name": "web", "annotations": {"fairlead.io/balance": "maglev"}},
               "spec": {"clusterIP": "10.96.0.1", "ports": [{"port": 80, "nodePort": 30080}],
                        "sessionAffinity": "ClientIP", "externalIPs": ["1.2.3.4"]},
               "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4", "ipMode": "VIP"}]}}}]}
            """;
    private static final String[] TOKENS = {
        "null",
        "[",
        "]",
        "{",
        "}",
        ":",
        ",",
        "\n",
        "\t",
        "- ",
        "&a ",
        "*a",
        "<<: *a\n",
        "---\n",
        "\"",
        "'",
        "|\n",
        ">\n",
        "!!binary ",
        "!x ",
        "%YAML 1.1\n",
        "99999999999",
        "-1",
        "1e999",
        "0x1f",
        ".nan",
        "true",
        "~",
        "? ",
        "\u0000",
        "\u2028",
        "\ud83d\ude00",
        "#",
        "None"
    };

    @ParameterizedTest(name = "YAML, seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void yaml(long seed) {
        fuzz("x.yaml", SEED_YAML, seed);
    }

    @ParameterizedTest(name = "JSON, seed {0}")
    @ValueSource(longs = {1, 2})
    void json(long seed) {
        fuzz("x.json", SEED_JSON, seed);
    }

    private static void fuzz(String file, String start, long seed) {
        Random random = new Random(seed);
        int read = 0;
        for (int i = 0; i < 3_000; i++) {
            byte[] bytes = start.getBytes(StandardCharsets.UTF_8);
            for (int m = random.nextInt(4); m >= 0; m--) {
                bytes = mutate(bytes, random);
            }
            try {
                ParsedFile parsed = ManifestParser.parse(file, bytes);
                assertThat(parsed.problems()).hasSizeLessThan(100);
                read++;
            } catch (BrokenFileException e) {
                assertThat(e.message()).isNotBlank();
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError(
                        "seed " + seed + ", round " + i + ":\n" + new String(bytes, UTF_8), e);
            }
        }
        // Mutations that refuse everything would show nothing of what lies behind the parser.
        assertThat(read).isBetween(100, 2_900);
    }

    private static final java.nio.charset.Charset UTF_8 = StandardCharsets.UTF_8;

    private static byte[] mutate(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length + 1);
        int length = random.nextInt(Math.min(40, bytes.length - at + 1));
        return switch (random.nextInt(5)) {
            case 0 -> splice(bytes, at, 0, TOKENS[random.nextInt(TOKENS.length)].getBytes(UTF_8));
            case 1 -> splice(bytes, at, length, new byte[0]);
            case 2 -> splice(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + length));
            case 3 -> splice(bytes, at, Math.min(1, length), new byte[] {(byte) random.nextInt()});
            default ->
                    splice(
                            bytes,
                            at,
                            length,
                            TOKENS[random.nextInt(TOKENS.length)].getBytes(UTF_8));
        };
    }

    private static byte[] splice(byte[] bytes, int at, int removed, byte[] inserted) {
        byte[] result = new byte[bytes.length - removed + inserted.length];
        System.arraycopy(bytes, 0, result, 0, at);
        System.arraycopy(inserted, 0, result, at, inserted.length);
        System.arraycopy(
                bytes, at + removed, result, at + inserted.length, bytes.length - at - removed);
        return result;
    }
}
