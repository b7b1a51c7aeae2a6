package io.fairlead.k8s.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.lab.Fuzz;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A configuration, ours or a kube-proxy's, is read, or refused with what is wrong.
class ConfigFuzzTest {

    private static final String KUBE_PROXY =
            """
            apiVersion: kubeproxy.config.k8s.io/v1alpha1
            kind: KubeProxyConfiguration
            mode: ipvs
            clusterCIDR: 10.244.0.0/16,fd00::/48
            nodePortAddresses: ["192.0.2.0/24"]
            detectLocalMode: InterfaceNamePrefix
            detectLocal: {interfaceNamePrefix: cali}
            conntrack: {udpTimeout: 30s, udpStreamTimeout: 2m0s}
            ipvs: {scheduler: lc, minSyncPeriod: 5s}
            logging: {verbosity: 4}
            healthzBindAddress: "[::]:10256"
            """;

    record Row(String name, String good) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Row> rows() {
        return List.of(
                new Row("fairlead.yaml", DefaultFile.text()),
                new Row("kube-proxy.yaml", KUBE_PROXY));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isReadOrRefused(Row row) throws Exception {
        Fuzz.Result result =
                new Fuzz(row.good)
                        .feed(
                                1,
                                bytes -> {
                                    try {
                                        ConfigFile.parse(Path.of(row.name), bytes);
                                        return true;
                                    } catch (ConfigException e) {
                                        assertThat(e.problems())
                                                .isNotEmpty()
                                                .hasSizeLessThan(1_000);
                                        return false;
                                    }
                                });
        assertThat(result.taken()).isBetween(result.all() / 50, result.all() - 1);
    }
}
