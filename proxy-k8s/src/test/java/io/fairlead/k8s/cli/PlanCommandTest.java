package io.fairlead.k8s.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PlanCommandTest {
    @TempDir Path folder = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new PlanCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @BeforeEach
    void manifests() throws IOException {
        Files.writeString(
                folder.resolve("web.yaml"),
                """
                apiVersion: v1
                kind: Node
                metadata: {name: n1, labels: {topology.kubernetes.io/zone: a}}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: web, annotations: {fairlead.io/balance: fastest}}
                spec:
                  type: NodePort
                  clusterIP: 10.96.0.10
                  externalTrafficPolicy: Local
                  ports: [{name: http, port: 80, nodePort: 30080}]
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
                addressType: IPv4
                ports: [{name: http, port: 8080}]
                endpoints:
                - {addresses: [10.244.1.5], nodeName: n1, hints: {forZones: [{name: b}]}}
                - {addresses: [10.244.2.7], nodeName: n2, hints: {forZones: [{name: b}]}}
                """);
    }

    @Test
    void jsonIsPrintedAsToolsRelyOnIt() {
        assertThat(run(folder.toString(), "--node-name", "n1", "-o", "json")).isZero();
        assertThat(out.toString())
                .isEqualTo(
                        """
                        {
                          "node": "n1",
                          "zone": "a",
                          "servicePorts": [
                            {
                              "service": "default/web",
                              "port": "http",
                              "protocol": "TCP",
                              "vips": [
                                {
                                  "kind": "ClusterIP",
                                  "address": "10.96.0.10",
                                  "port": 80
                                },
                                {
                                  "kind": "NodePort",
                                  "address": "*",
                                  "port": 30080
                                }
                              ],
                              "balance": "least-connections",
                              "sessionAffinitySeconds": null,
                              "internal": {
                                "backends": [
                                  "10.244.1.5:8080",
                                  "10.244.2.7:8080"
                                ],
                                "verdict": "forward"
                              },
                              "external": {
                                "backends": [
                                  "10.244.1.5:8080"
                                ],
                                "verdict": "forward"
                              },
                              "externalFromPodOrNode": {
                                "backends": [
                                  "10.244.1.5:8080",
                                  "10.244.2.7:8080"
                                ],
                                "verdict": "forward"
                              },
                              "healthCheckNodePort": null
                            }
                          ],
                          "problems": [
                            {
                              "object": "Service default/web",
                              "field": "metadata.annotations[fairlead.io/balance]",
                              "message": "'fastest' is not known; the default is used instead, \
                        choose least-connections, maglev, round-robin, random or source-hash"
                            }
                          ]
                        }
                        """);
    }

    @Test
    void nothingIsStillADocument() throws IOException {
        Files.delete(folder.resolve("web.yaml"));
        assertThat(run(folder.toString(), "--node-name", "n1", "-o", "json")).isZero();
        assertThat(out.toString())
                .isEqualTo(
                        """
                        {
                          "node": "n1",
                          "zone": null,
                          "servicePorts": [],
                          "problems": []
                        }
                        """);
    }

    @Test
    void theTableIsForPeople() {
        assertThat(run(folder.toString(), "--node-name", "n1")).isZero();
        assertThat(out.toString())
                .isEqualTo(
                        """
                        Node n1, zone a: 1 service port

                        default/web http TCP  least-connections
                          vips              ClusterIP 10.96.0.10 port 80, NodePort * port 30080
                          inside   forward  10.244.1.5:8080, 10.244.2.7:8080
                          outside  forward  10.244.1.5:8080
                          pod/node forward  10.244.1.5:8080, 10.244.2.7:8080

                        Topology hints that are not followed:
                          default/web:http/TCP/IPv4: no endpoint is hinted for zone a

                        1 problem:
                          Service default/web  metadata.annotations[fairlead.io/balance]
                            'fastest' is not known; the default is used instead, choose \
                        least-connections, maglev,
                            round-robin, random or source-hash
                        """);
    }

    @Test
    void usageErrorsEndWithTwo() {
        assertThat(run(folder.toString())).isEqualTo(2);
        assertThat(run(folder.resolve("missing").toString(), "--node-name", "n1")).isEqualTo(1);
        assertThat(err.toString()).contains("missing: no such folder of manifests");
        assertThat(run(folder.toString(), "--node-name", " ")).isEqualTo(2);
        assertThat(run(folder.toString(), "--node-name", "n1", "--balance", "x")).isEqualTo(2);
        assertThat(run(folder.toString(), "--node-name", "n1", "-o", "xml")).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
    }
}
