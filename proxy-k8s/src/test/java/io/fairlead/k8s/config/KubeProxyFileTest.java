package io.fairlead.k8s.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fairlead.core.host.InterfaceName;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.udp.UdpOptions;
import io.fairlead.k8s.AgentOptions;
import io.fairlead.k8s.CaptureOptions;
import io.fairlead.k8s.NodePortAddresses;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.status.StatusOptions;
import io.fairlead.k8s.sync.SyncOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.Level;

/// What becomes of a KubeProxyConfiguration (SEMANTICS A15).
class KubeProxyFileTest {

    private static final String HEAD =
            "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n";

    private static ConfigFile parse(String text) throws ConfigException {
        return ConfigFile.parse(Path.of("k.conf"), text.getBytes(UTF_8));
    }

    private static AgentOptions options(ConfigFile file) {
        return AgentOptions.DEFAULT.with(file.layer()::apply);
    }

    private static AgentOptions quietly(String text) throws ConfigException {
        ConfigFile file = parse(HEAD + text);
        assertThat(file.warnings()).isEmpty();
        return options(file);
    }

    private static List<String> warnings(String text) throws ConfigException {
        return parse(HEAD + text).warnings().stream().map(Problem::toString).toList();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = KubeProxyFileTest.class.getResourceAsStream("/kube-proxy/" + name)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
        }
    }

    @Test
    void a15_whatKubeadmWritesIsTakenWithoutAWarning() throws Exception {
        ConfigFile file = parse(resource("kubeadm.yaml"));
        assertThat(file.warnings()).isEmpty();
        AgentOptions options = options(file);
        assertThat(options.source().kubeconfig())
                .isEqualTo(Path.of("/var/lib/kube-proxy/kubeconfig.conf"));
        assertThat(options)
                .isEqualTo(
                        AgentOptions.DEFAULT.with(d ->
                                d.source = d.source.withKubeconfig(options.source().kubeconfig())));
    }

    @Test
    void a15_whatKindWritesIsTakenAndTheModeIsNamed() throws Exception {
        ConfigFile file = parse(resource("kind.yaml"));
        assertThat(file.warnings()).extracting(Problem::field).containsExactly("mode");
        assertThat(options(file).status()).isEqualTo(StatusOptions.DEFAULT);
        assertThat(options(file).capture().clusterCidrs())
                .containsExactly(Cidr.parse("10.244.0.0/16"));
    }

    @Test
    void a15_rangesOfPodsAndPlacesOfNodePortsAreUsed() throws Exception {
        CaptureOptions capture =
                quietly(
                                """
                                clusterCIDR: 10.244.0.0/16,fd00:10:244::/56
                                detectLocalMode: ClusterCIDR
                                nodePortAddresses: [192.168.0.0/16, 'fd00:1::/64']
                                """)
                        .capture();
        assertThat(capture.clusterCidrs())
                .containsExactly(Cidr.parse("10.244.0.0/16"), Cidr.parse("fd00:10:244::/56"));
        assertThat(capture.nodePortAddresses())
                .isEqualTo(new NodePortAddresses(List.of("192.168.0.0/16", "fd00:1::/64")));
        assertThat(quietly("nodePortAddresses: [primary]\n").capture())
                .isEqualTo(CaptureOptions.DEFAULT);
        assertThat(quietly("nodePortAddresses: []\nclusterCIDR: ''\n").capture())
                .isEqualTo(CaptureOptions.DEFAULT);
    }

    @Test
    void a15_rangesOfTheNodeStandAgainstThoseOfTheCluster() throws Exception {
        ConfigFile file = parse(HEAD + "detectLocalMode: NodeCIDR\nclusterCIDR: 10.244.0.0/16\n");
        assertThat(options(file).capture()).isEqualTo(CaptureOptions.DEFAULT);
        assertThat(file.warnings())
                .extracting(Problem::toString)
                .containsExactly(
                        "k.conf: line 4: clusterCIDR: is passed over: detectLocalMode NodeCIDR"
                                + " takes the pod ranges of the Node object");
    }

    @ParameterizedTest
    @CsvSource({
        "BridgeInterface, bridgeInterface: cni0, cni0",
        "InterfaceNamePrefix, interfaceNamePrefix: veth, veth*"
    })
    void a10_1_podsAreToldByTheirInterfaces(String mode, String how, String interfaces)
            throws Exception {
        ConfigFile file =
                parse(
                        HEAD
                                + "detectLocalMode: %s\ndetectLocal: {%s}\nclusterCIDR: 10.244.0.0/16\n"
                                        .formatted(mode, how));
        assertThat(options(file).capture().podInterfaces())
                .containsExactly(new InterfaceName(interfaces));
        assertThat(options(file).capture().clusterCidrs()).isEmpty();
        assertThat(file.warnings())
                .extracting(Problem::toString)
                .containsExactly(
                        "k.conf: line 5: clusterCIDR: is passed over: detectLocalMode "
                                + mode
                                + " takes the routes of interfaces");
    }

    @Test
    void a10_1_anInterfaceOfPodsThatIsNotNamedIsRefused() {
        ConfigException wrong =
                catchThrowableOfType(
                        ConfigException.class,
                        () -> parse(HEAD + "detectLocalMode: BridgeInterface\n"));
        assertThat(wrong.problems())
                .singleElement()
                .hasToString(
                        "k.conf: detectLocal.bridgeInterface: Invalid value: \"\": must not be empty");
    }

    @Test
    void a15_whatHasAMeaningIsUsed() throws Exception {
        AgentOptions options =
                quietly(
                        """
                        hostnameOverride: " Node-1 "
                        clientConnection: {kubeconfig: /k, qps: 5.0, burst: 10}
                        healthzBindAddress: 10.0.0.1
                        metricsBindAddress: 0.0.0.0:9999
                        bindAddressHardFail: true
                        logging: {verbosity: 4, format: text, flushFrequency: 5s}
                        """);
        assertThat(options.nodeName()).isEqualTo("node-1");
        assertThat(options.source().kubeconfig()).isEqualTo(Path.of("/k"));
        assertThat(options.status())
                .isEqualTo(
                        StatusOptions.parse("10.0.0.1:10256", "0.0.0.0:9999")
                                .withBindHardFail(true));
        assertThat(options.logLevel()).isEqualTo(Level.DEBUG);
    }

    @Test
    void a15_theFamilyOfTheDefaultAddressesIsThatOfBindAddress() throws Exception {
        assertThat(quietly("bindAddress: '::'\n").status())
                .isEqualTo(StatusOptions.parse("[::]:10256", "[::1]:10249"));
    }

    @Test
    void a15_aSchedulerOfIpvsIsThePolicyNearestToIt() throws Exception {
        ConfigFile file = parse(HEAD + "mode: ipvs\nipvs: {scheduler: sh}\n");
        assertThat(options(file).balance()).isEqualTo(Balancing.Policy.SOURCE_HASH);
        assertThat(quietly("ipvs: {scheduler: sh}\n").balance())
                .isEqualTo(Balancing.DEFAULT.policy());
        assertThat(warnings("mode: ipvs\nipvs: {scheduler: dh}\n")).hasSize(2);
    }

    @Test
    void a15_periodsOfTheModeInUseAreTakenUnlessTheyAreTheDefault() throws Exception {
        assertThat(quietly("iptables: {minSyncPeriod: 1s, syncPeriod: 30s}\n").sync())
                .isEqualTo(SyncOptions.DEFAULT);
        assertThat(quietly("nftables: {minSyncPeriod: 5s, syncPeriod: 1m}\n").sync())
                .isEqualTo(SyncOptions.DEFAULT);
        assertThat(quietly("iptables: {minSyncPeriod: 5s, syncPeriod: 1m}\n").sync())
                .isEqualTo(
                        new SyncOptions(
                                Duration.ofSeconds(5),
                                SyncOptions.DEFAULT.fullPeriod(),
                                Duration.ofMinutes(1)));
    }

    @Test
    void a11_1_timeoutsOfUdpAreTakenWhereTheyAreGiven() throws Exception {
        assertThat(quietly("conntrack: {udpTimeout: 10s, udpStreamTimeout: 1m}\n").udp())
                .isEqualTo(
                        UdpOptions.DEFAULT.withTimeouts(
                                Duration.ofSeconds(10), Duration.ofMinutes(1)));
        assertThat(quietly("conntrack: {udpTimeout: 0s, udpStreamTimeout: 0s}\n").udp())
                .isEqualTo(UdpOptions.DEFAULT);
    }

    @Test
    void a15_whatHasNoMeaningIsNamedInOneLineEach() throws Exception {
        assertThat(
                        warnings(
                                "iptables: {masqueradeAll: true}\nconntrack:\n  min: 7\nmode: nftables\n"))
                .containsExactly(
                        "k.conf: line 3: iptables.masqueradeAll: is passed over: Fairlead rewrites"
                                + " no packets",
                        "k.conf: line 5: conntrack.min: is passed over: the kernel tracks no"
                                + " connection for Fairlead",
                        "k.conf: line 6: mode: is passed over: Fairlead is a mode of its own");
    }

    @Test
    void a15_whatIsUnknownOrTwiceIsPassedOverWithAWarning() throws Exception {
        ConfigFile file =
                parse(
                        HEAD
                                + "bindAdress: ''\nfuture: {a: 1}\nhostnameOverride: a\nhostnameOverride: b\n");
        assertThat(options(file).nodeName()).isEqualTo("b");
        assertThat(file.warnings())
                .extracting(Problem::toString)
                .containsExactly(
                        "k.conf: line 6: hostnameOverride: stands twice; the last holds, remove the"
                                + " other",
                        "k.conf: line 3: bindAdress: is passed over: no such field; is bindAddress"
                                + " meant?",
                        "k.conf: line 4: future: is passed over: no such field; remove it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
"""
configSyncPeriod: -1s                    | configSyncPeriod: Invalid value: "-1s": must be greater than 0
iptables: {syncPeriod: -1s}              | iptables.syncPeriod: Invalid value: "-1s": must be greater than 0
iptables: {minSyncPeriod: -1s}           | iptables.minSyncPeriod: Invalid value: "-1s": must be greater than or equal to 0
iptables: {syncPeriod: 1s, minSyncPeriod: 2s} | iptables.syncPeriod: Invalid value: "1s": must be greater than or equal to iptables.minSyncPeriod
nftables: {syncPeriod: 30s, minSyncPeriod: 31s} | nftables.syncPeriod: Invalid value: "30s": must be greater than or equal to nftables.minSyncPeriod
oomScoreAdj: 1001                        | oomScoreAdj: Invalid value: "1001": must be within the range [-1000, 1000]
iptables: {masqueradeBit: 32}            | iptables.masqueradeBit: Invalid value: "32": must be within the range [0, 31]
conntrack: {min: -1}                     | conntrack.min: Invalid value: "-1": must be greater than or equal to 0
conntrack: {udpTimeout: -1s}             | conntrack.udpTimeout: Invalid value: "-1s": must be greater than or equal to 0
bindAddress: localhost                   | bindAddress: Invalid value: "localhost": not a valid textual representation of an IP address
healthzBindAddress: localhost            | healthzBindAddress: Invalid value: "localhost": must be IP:port
healthzBindAddress: 'a:1'                | healthzBindAddress: Invalid value: "a:1": must be a valid IP
metricsBindAddress: 1.2.3.4:70000        | metricsBindAddress: Invalid value: "1.2.3.4:70000": must be a valid port
clusterCIDR: 10.0.0.0                    | clusterCIDR: Invalid value: "10.0.0.0": must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)
clusterCIDR: 10.0.0.0/8,11.0.0.0/8       | clusterCIDR: Invalid value: "10.0.0.0/8,11.0.0.0/8": must be a valid DualStack CIDR (e.g. 10.100.0.0/16,fde4:8dba:82e1::/48)
clusterCIDR: '10.0.0.0/8,fd00::/8,fd01::/16' | clusterCIDR: Invalid value: "10.0.0.0/8,fd00::/8,fd01::/16": only one CIDR allowed or a valid DualStack CIDR (e.g. 10.100.0.0/16,fde4:8dba:82e1::/48)
nodePortAddresses: [primary, 10.0.0.0/8] | nodePortAddresses: Invalid value: "[primary, 10.0.0.0/8]": can't use both 'primary' and CIDRs
nodePortAddresses: [here]                | nodePortAddresses[0]: Invalid value: "here": must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48) or 'primary'
mode: userspace                          | mode: Invalid value: "userspace": must be iptables,ipvs,nftables or blank (blank means iptables)
detectLocalMode: x                       | detectLocalMode: Invalid value: "x": must be ClusterCIDR,NodeCIDR,BridgeInterface,InterfaceNamePrefix or blank (blank means ClusterCIDR)
hostnameOverride: ' '                    | hostnameOverride: empty hostname-override is invalid; write a name, or remove it for the host's
oomScoreAdj: low                         | oomScoreAdj: 'low' is not a whole number; correct it or remove it
iptables: 5                              | iptables: is not a group of fields; correct it or remove it
configSyncPeriod: 15                     | configSyncPeriod: '15' is not a duration in quotes or with its unit, such as 30s; correct it or remove it
""")
    void a15_whatKubeProxyRefusesIsRefused(String text, String problem) {
        ConfigException wrong =
                catchThrowableOfType(ConfigException.class, () -> parse(HEAD + text));
        assertThat(wrong).as("a problem").isNotNull();
        assertThat(wrong.problems()).singleElement().hasToString("k.conf: line 3: " + problem);
    }
}
