package io.fairlead.k8s.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.lab.Fuzz;
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

    @ParameterizedTest(name = "YAML, seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void yaml(long seed) throws Exception {
        fuzz("x.yaml", SEED_YAML, seed);
    }

    @ParameterizedTest(name = "JSON, seed {0}")
    @ValueSource(longs = {1, 2})
    void json(long seed) throws Exception {
        fuzz("x.json", SEED_JSON, seed);
    }

    private static void fuzz(String file, String start, long seed) throws Exception {
        Fuzz.Result result =
                new Fuzz(start)
                        .feed(
                                seed,
                                bytes -> {
                                    try {
                                        ParsedFile parsed = ManifestParser.parse(file, bytes);
                                        assertThat(parsed.problems()).hasSizeLessThan(1_000);
                                        return true;
                                    } catch (BrokenFileException e) {
                                        assertThat(e.message()).isNotBlank();
                                        return false;
                                    }
                                });
        // Mutations that refuse everything would show nothing of what lies behind the parser.
        assertThat(result.taken()).isBetween(result.all() / 50, result.all() - 1);
    }
}
