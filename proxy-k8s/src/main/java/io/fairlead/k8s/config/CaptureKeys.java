package io.fairlead.k8s.config;

import static io.fairlead.k8s.config.ConfigKey.key;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.host.InterfaceName;
import io.fairlead.core.service.Cidr;
import io.fairlead.k8s.NodePortAddresses;
import io.fairlead.k8s.local.ExternalIpRule;
import java.util.Arrays;
import java.util.List;

/// The keys that say how clients reach VIPs, and who they are: the section `capture`.
final class CaptureKeys {

    static final ConfigKey<CaptureMode> CAPTURE =
            key(
                            "capture.mode",
                            ValueForm.choice(
                                    Arrays.asList(CaptureMode.values()), CaptureMode::word),
                            o -> o.capture().mode(),
                            (d, v) -> d.capture = d.capture.withMode(v))
                    .says(
                            "How clients of VIPs are made to arrive: by a BPF program and local"
                                    + " routes, by a listener for each VIP on local routes, or by"
                                    + " listeners on loopback without privilege; auto takes the"
                                    + " first that works, and loopback where manifests have no"
                                    + " other ClusterIPs.")
                    .option("MODE", "--capture");

    static final ConfigKey<List<Cidr>> SERVICE_CIDRS =
            key(
                            "capture.serviceCidrs",
                            cidrs(),
                            o -> o.capture().serviceCidrs(),
                            (d, v) -> d.capture = d.capture.withServiceCidrs(v))
                    .says("Ranges of ClusterIPs, beside those of ServiceCIDR objects.")
                    .otherwise("those of ServiceCIDR objects")
                    .option("CIDR", "--service-cidr");

    static final ConfigKey<List<Cidr>> CLUSTER_CIDRS =
            key(
                            "capture.clusterCidrs",
                            cidrs(),
                            o -> o.capture().clusterCidrs(),
                            (d, v) -> d.capture = d.capture.withClusterCidrs(v))
                    .says("Ranges of the cluster's pods: what tells them from other clients.")
                    .otherwise("the pod ranges of the Node object")
                    .option("CIDR", "--cluster-cidr");

    static final ConfigKey<List<InterfaceName>> POD_INTERFACES =
            key(
                            "capture.podInterfaces",
                            ValueForm.texts(
                                    "the name of an interface, or its beginning and a star, such as cni0 or"
                                            + " cali*",
                                    InterfaceName::new,
                                    InterfaceName::text),
                            o -> o.capture().podInterfaces(),
                            (d, v) -> d.capture = d.capture.withPodInterfaces(v))
                    .says(
                            "Interfaces of this node behind which its pods are, in place of"
                                    + " clusterCidrs: pods of other nodes are then none.")
                    .otherwise("pods are told by ranges")
                    .option("NAME", "--pod-interface");

    static final ConfigKey<NodePortAddresses> NODE_PORT_ADDRESSES =
            key(
                            "capture.nodePortAddresses",
                            ValueForm.together(
                                    "primary, localhost or all, or else CIDRs only",
                                    NodePortAddresses::new,
                                    NodePortAddresses::words),
                            o -> o.capture().nodePortAddresses(),
                            (d, v) -> d.capture = d.capture.withNodePortAddresses(v))
                    .says(
                            "Where NodePorts are served: at the Node object's addresses, at"
                                    + " loopback, at every address, or at those in ranges.")
                    .option("WHERE", "--nodeport-addresses");

    static final ConfigKey<ExternalIpRule> EXTERNAL_IPS =
            key(
                            "capture.externalIps",
                            ValueForm.together(
                                    "all or none, or else CIDRs",
                                    ExternalIpRule::parse,
                                    ExternalIpRule::words),
                            o -> o.capture().externalIps(),
                            (d, v) -> d.capture = d.capture.withExternalIps(v))
                    .says(
                            "Which external IPs of Services are served. Whoever may write a Service"
                                    + " can take traffic to all of them (CVE-2020-8554): better"
                                    + " none, or the ranges that are meant for it.")
                    .option("WHICH", "--external-ips");

    static final ConfigKey<Boolean> KEEP_CLIENT_ADDRESS =
            key(
                            "capture.keepClientAddress",
                            ValueForm.yesOrNo(),
                            o -> o.capture().keepClientAddress(),
                            (d, v) -> d.capture = d.capture.withKeepClientAddress(v))
                    .says(
                            "Whether backends see the client's own address where kube-proxy would"
                                    + " show it; else this node's.")
                    .option("BOOL", "--keep-client-address");

    static final List<ConfigKey<?>> ALL =
            List.of(
                    CAPTURE,
                    SERVICE_CIDRS,
                    CLUSTER_CIDRS,
                    POD_INTERFACES,
                    NODE_PORT_ADDRESSES,
                    EXTERNAL_IPS,
                    KEEP_CLIENT_ADDRESS);

    private CaptureKeys() {}

    private static ValueForm<List<Cidr>> cidrs() {
        return ValueForm.texts("a CIDR, such as 10.96.0.0/12", Cidr::parse, Cidr::toString);
    }
}
