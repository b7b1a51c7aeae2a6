package io.fairlead.k8s.config;

import static io.fairlead.k8s.config.ConfigKey.key;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.host.InterfaceName;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.transport.LoopOptions;
import io.fairlead.core.transport.Transport;
import io.fairlead.k8s.AgentOptions;
import io.fairlead.k8s.NodePortAddresses;
import io.fairlead.k8s.local.ExternalIpRule;
import io.fairlead.k8s.status.BindAddress;
import io.fairlead.k8s.status.StatusOptions;
import io.fairlead.k8s.watch.ApiAccess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/// All that an operator can set; a further key is a further entry here, in [UdpKeys], [FlowKeys] or
/// in [ConnectKeys].
///
/// Keys without a section come first, and those of a section are together, as files show them. The
/// reference in docs/configuration.md, `--help`, `/configz` and `--write-config-to` follow from
/// this list.
public final class ConfigKeys {

    /// As in manifests of Kubernetes, which kind of file this is.
    static final String API_VERSION = "fairlead.io/v1alpha1";

    static final String KIND = "FairleadConfiguration";

    /// Beyond it threads only take turns; a wrong unit is more likely.
    private static final int MAX_THREADS = 1024;

    static final ConfigKey<String> NODE_NAME =
            key("nodeName", name("a name"), AgentOptions::nodeName, (d, v) -> d.nodeName = v)
                    .says("Name of this node's Node object.")
                    .otherwise("the host's name")
                    .option("NAME", "--node-name", "--hostname-override");

    static final ConfigKey<Path> RUN_DIR =
            key("runDir", path("a folder"), AgentOptions::runDir, (d, v) -> d.runDir = v)
                    .says("Folder that one agent owns.")
                    .otherwise("/run/fairlead, or one's own")
                    .option("DIR", "--run-dir");

    static final ConfigKey<Integer> THREADS =
            key(
                            "threads",
                            ValueForm.count(1, MAX_THREADS),
                            AgentOptions::threads,
                            (d, v) -> d.threads = v)
                    .says("Event loops.")
                    .otherwise("one for each processor")
                    .option("N", "--threads");

    static final ConfigKey<Transport> TRANSPORT =
            key(
                            "transport",
                            ValueForm.choice(Arrays.asList(Transport.values()), Transport::word),
                            o -> o.loops().transport(),
                            (d, v) -> d.loops = d.loops.withTransport(v))
                    .says(
                            "What event loops hear from of sockets; epoll where the kernel or a"
                                    + " filter of system calls refuses io_uring, which the start"
                                    + " says.")
                    .option("NAME", "--transport");

    static final ConfigKey<Integer> SPIN_MICROS =
            key(
                            "spinMicros",
                            ValueForm.count(0, LoopOptions.MAX_SPIN_MICROS),
                            o -> o.loops().spinMicros(),
                            (d, v) -> d.loops = d.loops.withSpinMicros(v))
                    .says(
                            "Microseconds for which an event loop without work looks for it before"
                                    + " it sleeps: answers come sooner, at the cost of processors"
                                    + " that are idle otherwise. It does so only while that finds"
                                    + " work and they are idle; 0 for not at all.")
                    .option("N", "--spin-micros");

    static final ConfigKey<Level> LOG_LEVEL =
            key(
                            "logLevel",
                            ValueForm.choice(
                                    Arrays.asList(Level.values()),
                                    l -> l.toString().toLowerCase(java.util.Locale.ROOT)),
                            AgentOptions::logLevel,
                            (d, v) -> d.logLevel = v)
                    .says(
                            "What is logged, and what is graver. FAIRLEAD_LOG of the environment"
                                    + " stands above the file.")
                    .live();

    static final ConfigKey<Balancing.Policy> BALANCE =
            key(
                            "balance",
                            ValueForm.choice(
                                    Arrays.asList(Balancing.Policy.values()),
                                    Balancing.Policy::word),
                            AgentOptions::balance,
                            (d, v) -> d.balance = v)
                    .says(
                            "How Services choose a backend that have no fairlead.io/balance"
                                    + " annotation.")
                    .live()
                    .option("POLICY", "--balance");

    static final ConfigKey<String> SERVICE_PROXY_NAME =
            key(
                            "serviceProxyName",
                            name("a label value"),
                            AgentOptions::serviceProxyName,
                            (d, v) -> d.serviceProxyName = v)
                    .says(
                            "Serve exactly the Services whose label"
                                    + " service.kubernetes.io/service-proxy-name has this value.")
                    .otherwise("those without the label")
                    .option("NAME", "--service-proxy-name");

    static final ConfigKey<Path> MANIFESTS =
            key(
                            "source.manifests",
                            path("a folder"),
                            o -> o.source().manifests(),
                            (d, v) -> d.source = d.source.withManifests(v))
                    .says(
                            "Instead of the API server: folder with Services, EndpointSlices, Nodes"
                                    + " and ServiceCIDRs as YAML or JSON, watched for changes.")
                    .otherwise("an API server")
                    .option("DIR", "--manifests");

    static final ConfigKey<Path> KUBECONFIG =
            key(
                            "source.kubeconfig",
                            path("a file"),
                            o -> o.source().kubeconfig(),
                            (d, v) -> d.source = d.source.withKubeconfig(v))
                    .says("How to reach the API server.")
                    .otherwise("the service account of the pod that the agent runs in")
                    .option("FILE", "--kubeconfig");

    static final ConfigKey<List<URI>> API_SERVERS =
            key(
                            "source.apiServers",
                            ValueForm.texts(
                                    "the URL of an API server, such as https://HOST:PORT",
                                    ConfigKeys::server,
                                    URI::toString),
                            o -> o.source().apiServers(),
                            (d, v) -> d.source = d.source.withApiServers(v))
                    .says(
                            "API servers, in place of the one that the kubeconfig or the pod names;"
                                    + " the next is used when one cannot be reached.")
                    .otherwise("the one that they name")
                    .option("URL", "--api-server", "--master");

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

    static final ConfigKey<Optional<BindAddress>> HEALTHZ =
            key(
                            "status.healthzBindAddress",
                            address(),
                            o -> Optional.ofNullable(o.status().healthz()),
                            (d, v) -> d.status = d.status.withHealthz(v.orElse(null)))
                    .says("Where /healthz and /livez answer; off for nowhere.")
                    .option("HOST:PORT", "--healthz-bind-address");

    static final ConfigKey<Optional<BindAddress>> METRICS =
            key(
                            "status.metricsBindAddress",
                            address(),
                            o -> Optional.ofNullable(o.status().metrics()),
                            (d, v) -> d.status = d.status.withMetrics(v.orElse(null)))
                    .says("Where /metrics, /configz and /proxyMode answer; off for nowhere.")
                    .option("HOST:PORT", "--metrics-bind-address");

    static final ConfigKey<Boolean> BIND_HARD_FAIL =
            key(
                            "status.bindHardFail",
                            ValueForm.yesOrNo(),
                            o -> o.status().bindHardFail(),
                            (d, v) -> d.status = d.status.withBindHardFail(v))
                    .says(
                            "Whether the agent does not start when one of these addresses is taken;"
                                    + " else it is tried again every few seconds.")
                    .option("BOOL", "--bind-address-hard-fail");

    static final ConfigKey<Duration> MIN_INTERVAL =
            key(
                            "sync.minInterval",
                            ValueForm.duration(Duration.ZERO, Duration.ofHours(1), "10ms"),
                            o -> o.sync().minInterval(),
                            (d, v) -> d.syncMinInterval = v)
                    .says("From the end of one change to the start of the next.")
                    .live();

    static final ConfigKey<Duration> FULL_PERIOD =
            key(
                            "sync.fullPeriod",
                            ValueForm.duration(Duration.ofSeconds(1), Duration.ofDays(365), "1h"),
                            o -> o.sync().fullPeriod(),
                            (d, v) -> d.syncFullPeriod = v)
                    .says("How often everything is gone through anew, whether it changed or not.")
                    .live();

    static final ConfigKey<Duration> RETRY =
            key(
                            "sync.retry",
                            ValueForm.duration(Duration.ofMillis(1), Duration.ofDays(1), "30s"),
                            o -> o.sync().retry(),
                            (d, v) -> d.syncRetry = v)
                    .says(
                            "When a state that could not be applied is tried again, if none comes"
                                    + " before; not less than minInterval.")
                    .live();

    static final ConfigKey<Duration> EMPTY_LIST_HOLD =
            key(
                            "watch.emptyListHold",
                            ValueForm.duration(Duration.ZERO, Duration.ofDays(1), "1m"),
                            o -> o.watch().emptyListHold(),
                            (d, v) -> d.watch = d.watch.withEmptyListHold(v))
                    .says(
                            "How long Services or EndpointSlices stay served that all vanish from"
                                    + " one list of the API server to the next.")
                    .live();

    static final ConfigKey<Boolean> CHECKPOINT =
            key(
                            "watch.checkpoint",
                            ValueForm.yesOrNo(),
                            o -> o.watch().checkpoint(),
                            (d, v) -> d.watch = d.watch.withCheckpoint(v))
                    .says(
                            "Whether the last state is kept in the run directory, to serve from"
                                    + " while the API server is away at start.");

    private static final List<ConfigKey<?>> OWN =
            List.of(
                    NODE_NAME,
                    RUN_DIR,
                    THREADS,
                    TRANSPORT,
                    SPIN_MICROS,
                    LOG_LEVEL,
                    BALANCE,
                    SERVICE_PROXY_NAME,
                    MANIFESTS,
                    KUBECONFIG,
                    API_SERVERS,
                    CAPTURE,
                    SERVICE_CIDRS,
                    CLUSTER_CIDRS,
                    POD_INTERFACES,
                    NODE_PORT_ADDRESSES,
                    EXTERNAL_IPS,
                    KEEP_CLIENT_ADDRESS,
                    HEALTHZ,
                    METRICS,
                    ObserveKeys.ADMIN,
                    ObserveKeys.MAX_BACKEND_SERIES,
                    BIND_HARD_FAIL,
                    MIN_INTERVAL,
                    FULL_PERIOD,
                    RETRY,
                    EMPTY_LIST_HOLD,
                    CHECKPOINT,
                    ObserveKeys.ACCESS_LOG,
                    ObserveKeys.ACCESS_LOG_FORMAT,
                    ObserveKeys.ACCESS_LOG_ONE_IN);

    static final List<ConfigKey<?>> ALL =
            Stream.of(OWN, UdpKeys.ALL, FlowKeys.ALL, ConnectKeys.ALL)
                    .<ConfigKey<?>>flatMap(List::stream)
                    .toList();

    private ConfigKeys() {}

    private static ValueForm<String> name(String words) {
        return ValueForm.text(words, ConfigKeys::notBlank, Function.identity());
    }

    private static ValueForm<List<Cidr>> cidrs() {
        return ValueForm.texts("a CIDR, such as 10.96.0.0/12", Cidr::parse, Cidr::toString);
    }

    private static ValueForm<Path> path(String words) {
        return ValueForm.text(words, text -> Path.of(notBlank(text)), Path::toString);
    }

    private static String notBlank(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("blank");
        }
        return text.strip();
    }

    private static URI server(String text) {
        try {
            return ApiAccess.server(text);
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static ValueForm<Optional<BindAddress>> address() {
        return ValueForm.text(
                "ADDRESS:PORT, [ADDRESS]:PORT or off",
                text -> Optional.ofNullable(BindAddress.parse(text)),
                at -> StatusOptions.text(at.orElse(null)));
    }

    /// What options come to, as a file would say it: whole, and by sections.
    public static Map<String, Object> describe(AgentOptions options) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("apiVersion", API_VERSION);
        all.put("kind", KIND);
        for (ConfigKey<?> key : ALL) {
            section(all, key).put(leaf(key), key.shown(options));
        }
        return all;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> section(
            Map<String, @Nullable Object> all, ConfigKey<?> key) {
        int dot = key.path().indexOf('.');
        return dot < 0
                ? all
                : (Map<String, @Nullable Object>)
                        all.computeIfAbsent(
                                key.path().substring(0, dot), _ -> new LinkedHashMap<>());
    }

    /// The last name of a key's path.
    static String leaf(ConfigKey<?> key) {
        return key.path().substring(key.path().lastIndexOf('.') + 1);
    }
}
