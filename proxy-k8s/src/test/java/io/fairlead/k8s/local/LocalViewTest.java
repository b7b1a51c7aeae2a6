package io.fairlead.k8s.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.service.BackendSpec;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.Vip;
import io.fairlead.k8s.cluster.ClusterObject;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.Endpoint;
import io.fairlead.k8s.cluster.Endpoint.Conditions;
import io.fairlead.k8s.cluster.Endpoint.Hints;
import io.fairlead.k8s.cluster.FlowSetting;
import io.fairlead.k8s.cluster.NodeTopology;
import io.fairlead.k8s.cluster.ServiceAddresses;
import io.fairlead.k8s.cluster.ServiceAddresses.LoadBalancerIngress;
import io.fairlead.k8s.cluster.ServicePolicy;
import io.fairlead.k8s.cluster.ServiceSpec;
import io.fairlead.k8s.cluster.ServiceTraits;
import io.fairlead.k8s.cluster.ServiceType;
import io.fairlead.k8s.cluster.SourceRanges;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a view holds beyond what `plan` prints.
class LocalViewTest {
    private static final LocalOptions OPTIONS = LocalOptions.forNode("n1");
    private static final Conditions READY = new Conditions(true, true, false);
    private static final Conditions TERMINATING = new Conditions(false, true, true);

    private static LocalView view(ClusterObject... objects) {
        return view(OPTIONS, objects);
    }

    private static LocalView view(LocalOptions options, ClusterObject... objects) {
        ClusterState state = ClusterState.EMPTY;
        for (ClusterObject object : objects) {
            state = state.with(object);
        }
        return Localiser.localise(state, options);
    }

    private static ServiceSpec balancer(ServicePolicy policy, String... addresses) {
        ServiceSpec base = Clusters.service("web", "10.96.0.1", 0, policy);
        ServiceAddresses balanced =
                new ServiceAddresses(
                        base.addresses().clusterIps(),
                        List.of(),
                        List.of(addresses).stream()
                                .map(a -> new LoadBalancerIngress(Clusters.at(a, "ip"), true))
                                .toList());
        return new ServiceSpec(
                base.name(),
                ServiceTraits.NONE,
                ServiceType.LOAD_BALANCER,
                balanced,
                base.ports(),
                policy);
    }

    private static ServicePolicy ranges(boolean unreadable, String... ranges) {
        SourceRanges all =
                new SourceRanges(List.of(ranges).stream().map(Cidr::parse).toList(), unreadable);
        return new ServicePolicy(false, false, OptionalInt.empty(), 0, all);
    }

    private static List<String> sourceRanges(LocalView view) {
        ServicePort port = view.sortedPorts().getFirst();
        return port.sourceRanges().stream().map(Cidr::toString).toList();
    }

    private static ServiceSpec withExternalIp(String address) {
        ServiceSpec base = Clusters.service("web", "10.96.0.1", 0, ServicePolicy.DEFAULT);
        return new ServiceSpec(
                base.name(),
                ServiceTraits.NONE,
                ServiceType.CLUSTER_IP,
                new ServiceAddresses(
                        base.addresses().clusterIps(),
                        List.of(Clusters.at(address, "spec.externalIPs[0]")),
                        List.of()),
                base.ports(),
                ServicePolicy.DEFAULT);
    }

    private static long externalIps(LocalView view) {
        return view.sortedPorts().getFirst().vips().stream()
                .filter(v -> v.kind() == Vip.Kind.EXTERNAL_IP)
                .count();
    }

    /// CVE-2020-8554: external IPs as kube-proxy has them, or none, or those of a list.
    @Test
    void a8_3_externalIpsAreServedAsTheOperatorAllows() {
        ServiceSpec service = withExternalIp("198.51.100.7");
        assertThat(externalIps(view(service))).isEqualTo(1);
        for (String words : List.of("none", "192.0.2.0/24")) {
            LocalView refused =
                    view(OPTIONS.withExternalIps(ExternalIpRule.parse(List.of(words))), service);
            assertThat(externalIps(refused)).isZero();
            assertThat(refused.problems())
                    .singleElement()
                    .asString()
                    .startsWith("Service default/web: spec.externalIPs[0]: '198.51.100.7'")
                    .contains("capture.externalIps");
        }
        LocalView allowed =
                view(
                        OPTIONS.withExternalIps(ExternalIpRule.parse(List.of("198.51.100.0/24"))),
                        service);
        assertThat(externalIps(allowed)).isEqualTo(1);
        assertThat(allowed.problems()).isEmpty();
    }

    /// CVE-2020-8554: one that takes the traffic of the node itself is said.
    @Test
    void a8_3_anExternalIpThatIsTheNodesIsServedAndSaid() {
        NodeTopology node =
                new NodeTopology(
                        "n1",
                        null,
                        List.of(IpAddress.parse("192.168.1.1")),
                        List.of(Cidr.parse("10.244.1.0/24")),
                        false);
        for (String address : List.of("192.168.1.1", "10.244.1.9")) {
            LocalView view = view(node, withExternalIp(address));
            assertThat(externalIps(view)).isEqualTo(1);
            assertThat(view.problems()).singleElement().asString().contains("whose clients");
        }
    }

    @Test
    void a2_12_and_a8_4_rangesOfTheFamilyRestrictBalancerAddresses() {
        ServicePolicy policy = ranges(false, "203.0.113.0/24", "2001:db8::/32");
        assertThat(sourceRanges(view(balancer(policy, "198.51.100.1"))))
                .containsExactly("203.0.113.0/24");
    }

    @Test
    void a8_4_withoutABalancerAddressThereIsNothingToRestrict() {
        assertThat(sourceRanges(view(balancer(ranges(false, "203.0.113.0/24"))))).isEmpty();
    }

    @Test
    void a8_5_aRangeWithThisNodeAdmitsTheBalancerAddressesToo() {
        ServicePolicy policy = ranges(false, "192.168.1.0/24");
        ServiceSpec service = balancer(policy, "198.51.100.1", "198.51.100.2");
        assertThat(sourceRanges(view(service, Clusters.node("n1", null, "192.168.1.7"))))
                .containsExactly("192.168.1.0/24", "198.51.100.1/32", "198.51.100.2/32");
        assertThat(sourceRanges(view(service, Clusters.node("n1", null, "192.168.2.7"))))
                .containsExactly("192.168.1.0/24");
    }

    @Test
    void a8_6_rangesOfTheOtherFamilyAloneRestrictNothing() {
        LocalView view = view(balancer(ranges(false, "2001:db8::/32"), "198.51.100.1"));
        assertThat(sourceRanges(view)).isEmpty();
        assertThat(view.sortedPorts().getFirst().vips()).hasSize(2);
    }

    @Test
    void anUnreadableRangeNeverOpensWhatItWasToClose() {
        LocalView closed = view(balancer(ranges(true), "198.51.100.1"));
        assertThat(closed.sortedPorts().getFirst().vips()).hasSize(1);
        LocalView narrowed = view(balancer(ranges(true, "203.0.113.0/24"), "198.51.100.1"));
        assertThat(sourceRanges(narrowed)).containsExactly("203.0.113.0/24");
    }

    @Test
    void a6_7_countsPortsThatAPolicyLeavesWithoutLocalEndpoint() {
        ClusterObject slice =
                Clusters.slice("web-1", "web", List.of(Clusters.endpoint("10.0.0.1", "n2", READY)));
        LocalView internal =
                view(Clusters.service("web", "10.96.0.1", 0, Clusters.policy(true, false)), slice);
        assertThat(internal.withoutLocalEndpointsInternal(IpFamily.IPV4)).isEqualTo(1);
        assertThat(internal.withoutLocalEndpointsExternal(IpFamily.IPV4)).isZero();
        LocalView external =
                view(
                        Clusters.service("web", "10.96.0.1", 30080, Clusters.policy(false, true)),
                        slice);
        assertThat(external.withoutLocalEndpointsInternal(IpFamily.IPV4)).isZero();
        assertThat(external.withoutLocalEndpointsExternal(IpFamily.IPV4)).isEqualTo(1);
        assertThat(external.withoutLocalEndpointsExternal(IpFamily.IPV6)).isZero();
    }

    @Test
    void a12_healthChecksCountAddressesOfReadyLocalEndpoints() {
        ServicePolicy policy =
                new ServicePolicy(false, true, OptionalInt.empty(), 32_000, SourceRanges.ALL);
        LocalView view =
                view(
                        balancer(policy, "198.51.100.1"),
                        Clusters.slice(
                                "web-1",
                                "web",
                                List.of(
                                        Clusters.endpoint("10.0.0.1", "n1", READY),
                                        Clusters.endpoint("10.0.0.2", "n2", READY),
                                        Clusters.endpoint("10.0.0.3", "n1", TERMINATING))),
                        Clusters.slice(
                                "web-2",
                                "web",
                                List.of(Clusters.endpoint("10.0.0.1", "n1", READY))));
        assertThat(view.healthChecks())
                .containsExactly(
                        new HealthCheckNodePort(Clusters.name("web"), IpFamily.IPV4, 32_000, 1));
    }

    @Test
    void a12_onlyTerminatingEndpointsCountAsNoneAlthoughTheyServe() {
        ServicePolicy policy =
                new ServicePolicy(false, true, OptionalInt.empty(), 32_000, SourceRanges.ALL);
        LocalView view =
                view(
                        balancer(policy, "198.51.100.1"),
                        Clusters.slice(
                                "web-1",
                                "web",
                                List.of(Clusters.endpoint("10.0.0.3", "n1", TERMINATING))));
        assertThat(view.healthChecks().getFirst().localEndpoints()).isZero();
        ServicePort port = view.sortedPorts().getFirst();
        assertThat(Objects.requireNonNull(port.external()).backends()).hasSize(1);
    }

    private static Endpoint hinted(String address, @Nullable String zone) {
        return new Endpoint(
                0,
                IpAddress.parse(address),
                null,
                READY,
                zone == null ? Hints.NONE : new Hints(Set.of(zone), Set.of()));
    }

    private static List<String> notes(String zone, Endpoint... endpoints) {
        LocalView view =
                view(
                        Clusters.node("n1", zone.isEmpty() ? null : zone),
                        Clusters.service("web", "10.96.0.1"),
                        Clusters.slice("web-1", "web", List.of(endpoints)));
        return view.hintNotes().stream().map(HintNote::reason).toList();
    }

    @Test
    void a4_14_tellsWhyHintsAreNotFollowed() {
        Endpoint a = hinted("10.0.0.1", "a");
        Endpoint none = hinted("10.0.0.2", null);
        assertThat(notes("a", a, none)).containsExactly("10.0.0.2:8080 has no zone hint");
        assertThat(notes("z", a)).containsExactly("no endpoint is hinted for zone z");
        assertThat(notes("", a)).containsExactly("this node has no zone label");
        assertThat(notes("a", a)).isEmpty();
        assertThat(notes("a", none)).isEmpty();
    }

    @Test
    void weightsOfASliceAreThoseOfItsBackends() {
        LocalView view =
                view(
                        Clusters.service("web", "10.96.0.1"),
                        Clusters.slice("a", "web", 1, List.of(Clusters.endpoint("10.0.0.1"))),
                        Clusters.slice("b", "web", 7, List.of(Clusters.endpoint("10.0.0.2"))));
        ServicePort port = view.sortedPorts().getFirst();
        assertThat(Objects.requireNonNull(port.internal()).backends())
                .extracting(BackendSpec::weight)
                .containsExactly(1, 7);
    }

    @Test
    void hashBalanceFactorOfTheServiceElseOfTheDefault() {
        LocalOptions bounded =
                OPTIONS.withDefaultBalancing(new Balancing(Balancing.Policy.MAGLEV, 150));
        ServiceSpec plain = Clusters.service("web", "10.96.0.1");
        assertThat(view(bounded, plain).sortedPorts().getFirst().balancing())
                .isEqualTo(new Balancing(Balancing.Policy.MAGLEV, 150));
        ServiceSpec own =
                new ServiceSpec(
                        plain.name(),
                        new ServiceTraits(null, null, Balancing.Policy.SOURCE_HASH, 125),
                        plain.type(),
                        plain.addresses(),
                        plain.ports(),
                        plain.policy());
        assertThat(view(bounded, own).sortedPorts().getFirst().balancing())
                .isEqualTo(new Balancing(Balancing.Policy.SOURCE_HASH, 125));
    }

    @Test
    void rulesForFlowsOfTheServiceElseOfTheDefault() {
        LocalOptions drained =
                OPTIONS.withFlows(FlowRules.NONE.withDrainSeconds(60).withIdleSeconds(600));
        ServiceSpec plain = Clusters.service("web", "10.96.0.1");
        assertThat(view(drained, plain).sortedPorts().getFirst().flows())
                .isEqualTo(drained.flows());
        ServiceSpec own =
                new ServiceSpec(
                        plain.name(),
                        new ServiceTraits(
                                null,
                                null,
                                null,
                                Balancing.UNBOUNDED,
                                Map.of(FlowSetting.IDLE, FlowRules.OFF, FlowSetting.MAX_FLOWS, 7)),
                        plain.type(),
                        plain.addresses(),
                        plain.ports(),
                        plain.policy());
        assertThat(view(drained, own).sortedPorts().getFirst().flows())
                .isEqualTo(FlowRules.NONE.withDrainSeconds(60).withMaxFlows(7));
    }

    @Test
    void a7_2_nodePortsAreServedAtPrimaryAddressesWithoutLoopback() {
        ClusterObject node = Clusters.node("n1", null, "192.168.1.1", "127.0.0.1", "fd00::1");
        assertThat(view(node).snapshot().node().nodePortAddresses())
                .containsExactlyInAnyOrder(
                        IpAddress.parse("192.168.1.1"), IpAddress.parse("fd00::1"));
        assertThat(
                        view(OPTIONS.withAllowLoopbackBackends(true), node)
                                .snapshot()
                                .node()
                                .nodePortAddresses())
                .hasSize(3);
    }

    @Test
    void a1_6_nodeNamesAreTrimmedAndInLowerCase() {
        assertThat(LocalOptions.forNode(" Node-1 ").nodeName()).isEqualTo("node-1");
        assertThatThrownBy(() -> LocalOptions.forNode("  "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("empty");
    }
}
