package io.fairlead.k8s.watch;

import static io.fairlead.k8s.watch.Manifests.bytes;
import static io.fairlead.k8s.watch.Manifests.clusterIp;
import static io.fairlead.k8s.watch.Manifests.service;
import static io.fairlead.k8s.watch.Manifests.stateOf;
import static java.time.temporal.ChronoUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.service.Cidr;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.NodeTopology;
import io.fairlead.k8s.cluster.ObjectName;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ManifestParserTest {

    private static ParsedFile yaml(String text) throws BrokenFileException {
        return ManifestParser.parse("web.yaml", bytes(text));
    }

    private static ParsedFile json(String text) throws BrokenFileException {
        return ManifestParser.parse("web.json", bytes(text));
    }

    @Test
    void readsManyDocumentsAndPassesOverOtherKinds() throws Exception {
        ParsedFile file =
                yaml(
                        service("a", "10.96.0.1")
                                + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\n"
                                + "---\n"
                                + service("b", "10.96.0.2")
                                + "---\n");
        assertThat(clusterIp(stateOf(file), "a")).isEqualTo("10.96.0.1");
        assertThat(clusterIp(stateOf(file), "b")).isEqualTo("10.96.0.2");
        assertThat(file.objects()).hasSize(2);
        assertThat(file.problems()).isEmpty();
        assertThat(file.doubt()).isNull();
    }

    @Test
    void readsAListAsKubectlPrintsIt() throws Exception {
        ParsedFile file =
                yaml(
                        """
                        apiVersion: v1
                        items:
                        - apiVersion: v1
                          kind: Service
                          metadata:
                            annotations:
                              kubectl.kubernetes.io/last-applied-configuration: |
                                {"apiVersion":"v1","kind":"Service"}
                            creationTimestamp: "2026-01-01T00:00:00Z"
                            name: kubernetes
                            namespace: default
                            resourceVersion: "234"
                            uid: 6e2c9a1c-1111-2222-3333-444455556666
                          spec:
                            clusterIP: 10.96.0.1
                            clusterIPs:
                            - 10.96.0.1
                            internalTrafficPolicy: Cluster
                            ipFamilies:
                            - IPv4
                            ipFamilyPolicy: SingleStack
                            ports:
                            - name: https
                              port: 443
                              protocol: TCP
                              targetPort: 6443
                            sessionAffinity: None
                            type: ClusterIP
                          status:
                            loadBalancer: {}
                        - addressType: IPv4
                          apiVersion: discovery.k8s.io/v1
                          endpoints:
                          - addresses:
                            - 192.168.1.1
                            conditions:
                              ready: true
                          kind: EndpointSlice
                          metadata:
                            generation: 1
                            labels:
                              kubernetes.io/service-name: kubernetes
                            name: kubernetes
                            namespace: default
                          ports:
                          - name: https
                            port: 6443
                            protocol: TCP
                        - apiVersion: v1
                          kind: Node
                          metadata:
                            labels: {topology.kubernetes.io/zone: a}
                            name: n1
                          spec: {podCIDR: 10.244.0.0/24, podCIDRs: [10.244.0.0/24]}
                          status:
                            addresses:
                            - {address: 192.168.1.1, type: InternalIP}
                            - {address: n1, type: Hostname}
                        kind: List
                        metadata:
                          resourceVersion: ""
                        """);
        ClusterState state = stateOf(file);
        assertThat(clusterIp(state, "kubernetes")).isEqualTo("10.96.0.1");
        EndpointSliceSpec slice =
                Objects.requireNonNull(state.slices().get(new ObjectName("default", "kubernetes")));
        assertThat(slice.endpoints()).hasSize(1);
        NodeTopology node = Objects.requireNonNull(state.node("n1"));
        assertThat(node.zone()).isEqualTo("a");
        assertThat(node.addresses()).hasToString("[192.168.1.1]");
        assertThat(node.podCidrs()).containsExactly(Cidr.parse("10.244.0.0/24"));
        assertThat(file.problems()).isEmpty();
    }

    private static @Nullable Instant trigger(String value) throws Exception {
        ParsedFile file =
                yaml(
                        Manifests.slice("web-1", "web", "10.0.0.1")
                                .replace(
                                        "metadata:",
                                        "metadata:\n  annotations:\n"
                                                + "    endpoints.kubernetes.io/last-change-trigger-time: '"
                                                + value
                                                + "'"));
        assertThat(file.problems()).isEmpty();
        EndpointSliceSpec slice =
                Objects.requireNonNull(
                        stateOf(file).slices().get(new ObjectName("default", "web-1")));
        return slice.traits().lastChangeTrigger();
    }

    @Test
    void a13_theTriggerTimeOfASliceIsReadAndNonsenseIsNoTrouble() throws Exception {
        Instant nanos = Instant.parse("2026-11-22T10:00:00.123456789Z");
        assertThat(trigger("2026-11-22T10:00:00.123456789Z")).isEqualTo(nanos);
        assertThat(trigger("2026-11-22T11:00:00.123456789+01:00")).isEqualTo(nanos);
        assertThat(trigger("2026-11-22T10:00:00Z")).isEqualTo(nanos.truncatedTo(SECONDS));
        assertThat(trigger("yesterday")).isNull();
        assertThat(trigger("")).isNull();
    }

    @Test
    void elementsOfATypedListNeedNoKind() throws Exception {
        String items =
                "\"items\":[{\"metadata\":{\"name\":\"a\"},\"spec\":{\"clusterIP\":\"10.96.0.1\"}}]";
        String head = "\"kind\":\"ServiceList\",\"apiVersion\":\"v1\"";
        for (String text : new String[] {head + "," + items, items + "," + head}) {
            ParsedFile file = json("{" + text + "}");
            assertThat(clusterIp(stateOf(file), "a")).isEqualTo("10.96.0.1");
        }
    }

    @Test
    void itemsOfAnythingButAListAreNotObjects() throws Exception {
        ParsedFile file =
                yaml(
                        """
                        items:
                        - apiVersion: v1
                          kind: Service
                          metadata: {name: a}
                          spec: {clusterIP: 10.96.0.1}
                        apiVersion: example.org/v1
                        kind: Template
                        """);
        assertThat(file.objects()).isEmpty();
    }

    @Test
    void readsServiceRanges() throws Exception {
        ParsedFile file =
                yaml(
                        """
                        apiVersion: networking.k8s.io/v1
                        kind: ServiceCIDR
                        metadata: {name: kubernetes}
                        spec: {cidrs: [10.96.0.0/16, "fd00:10::/112", nonsense]}
                        """);
        assertThat(stateOf(file).serviceCidrs())
                .containsExactly(Cidr.parse("10.96.0.0/16"), Cidr.parse("fd00:10::/112"));
        assertThat(Manifests.places(file.problems()))
                .containsExactly("ServiceCIDR kubernetes | spec.cidrs[2]");
    }

    @Test
    void anchorsAndMergesAreWrittenOut() throws Exception {
        ParsedFile file =
                yaml(
                        """
                        apiVersion: v1
                        kind: Service
                        metadata: {name: a}
                        base: &base {clusterIP: 10.96.0.9, ports: &ports [{port: 80}]}
                        spec:
                          <<: *base
                          clusterIP: 10.96.0.9
                          externalIPs: []
                        """
                                .replace("  clusterIP: 10.96.0.9\n", ""));
        assertThat(clusterIp(stateOf(file), "a")).isEqualTo("10.96.0.9");
    }

    @Test
    void aBadObjectDoesNotHideTheOthers() throws Exception {
        ParsedFile file =
                yaml(
                        service("a", "10.96.0.1")
                                + "---\n"
                                + service("b", "10.96.0.2").replace("80", "eighty")
                                + "---\n"
                                + service("c", "10.96.0.3").replace("[", "{"));
        assertThat(clusterIp(stateOf(file), "a")).isEqualTo("10.96.0.1");
        assertThat(clusterIp(stateOf(file), "c")).isEqualTo("10.96.0.3");
        assertThat(file.problems()).hasSize(1);
        assertThat(file.problems().getFirst().object()).isEqualTo("Service default/b");
        assertThat(file.problems().getFirst().field()).isEqualTo("spec.ports[0].port");
        assertThat(file.problems().getFirst().message()).contains("eighty");
    }

    @Test
    void aNameForATerminalIsRefused() throws Exception {
        ParsedFile file = yaml(service("\"evil\\e[2J\"", "10.96.0.1"));
        assertThat(file.objects()).isEmpty();
        assertThat(file.problems().getFirst().message()).contains("'evil?[2J'");
    }

    @Test
    void anOutdatedVersionOfAKnownKindIsToldAndAForeignOneIsNot() throws Exception {
        ParsedFile file =
                yaml(
                        """
                        apiVersion: discovery.k8s.io/v1beta1
                        kind: EndpointSlice
                        metadata: {name: old}
                        ---
                        apiVersion: serving.knative.dev/v1
                        kind: Service
                        metadata: {name: foreign}
                        """);
        assertThat(Manifests.places(file.problems())).containsExactly("File web.yaml | apiVersion");
    }

    @Test
    void aFieldGivenTwiceBreaksTheFile() {
        assertThatThrownBy(() -> json("{\"apiVersion\": \"v1\", \"apiVersion\": \"v2\"}"))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageContaining("apiVersion");
        assertThatThrownBy(() -> yaml("apiVersion: v1\napiVersion: v2\n"))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageContaining("apiVersion");
        assertThatThrownBy(() -> yaml("kind: x\nmetadata: {a: 1, a: 2}\n"))
                .isInstanceOf(BrokenFileException.class)
                .hasMessageContaining("\"a\"");
    }
}
