package io.fairlead.k8s.config;

import io.fairlead.core.host.InterfaceName;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.k8s.NodePortAddresses;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.status.BindAddress;
import io.fairlead.k8s.watch.Document;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;
import tools.jackson.databind.JsonNode;

/// Reads a file of kind KubeProxyConfiguration, so that a node's kube-proxy can be replaced with
/// the file it has: what has a meaning here is used, the rest is named.
///
/// As leniently as kube-proxy: what it does not know is passed over with a warning (SEMANTICS A15).
final class KubeProxyFile implements Sections.Visitor {

    static final String API_VERSION = "kubeproxy.config.k8s.io/v1alpha1";
    static final String KIND = "KubeProxyConfiguration";

    private static final int HEALTHZ_PORT = 10_256;
    private static final int METRICS_PORT = 10_249;

    /// From here on kube-proxy's log tells single changes.
    private static final int VERBOSITY_DEBUG = 4;

    private static final int VERBOSITY_TRACE = 6;

    static final Duration DEFAULT_SYNC_PERIOD = Duration.ofSeconds(30);
    static final Duration DEFAULT_MIN_SYNC_PERIOD = Duration.ofSeconds(1);

    private static final Sections SECTIONS = new Sections(KubeProxyField.ALL.keySet());

    private final FileProblems problems;
    private final ConfigLayer layer = new ConfigLayer();
    private final Map<String, Object> values = new HashMap<>();

    private KubeProxyFile(FileProblems problems) {
        this.problems = problems;
    }

    static ConfigLayer read(Document document, FileProblems problems) {
        KubeProxyFile file = new KubeProxyFile(problems);
        for (String path : document.duplicates()) {
            problems.warning(path, "stands twice; the last holds, remove the other");
        }
        SECTIONS.visit(document.root(), file);
        KubeProxyRules.check(file.values, problems);
        file.use();
        return file.layer;
    }

    @Override
    public void value(String path, JsonNode value) {
        KubeProxyField field = KubeProxyField.ALL.get(path);
        Object read = field == null ? null : field.read(value, problems);
        if (read != null) {
            values.put(path, read);
        }
    }

    @Override
    public void unknown(String path, @Nullable String similar) {
        problems.warning(
                path,
                "is passed over: no such field"
                        + (similar == null ? "; remove it" : "; is " + similar + " meant?"));
    }

    @Override
    public void notSection(String path) {
        problems.error(path, "is not a group of fields; correct it or remove it");
    }

    private String text(String path) {
        return values.get(path) instanceof String text ? text : "";
    }

    private void ifSaid(String path, Consumer<String> use) {
        if (!text(path).isEmpty()) {
            use.accept(text(path));
        }
    }

    private void use() {
        ifSaid(
                "hostnameOverride",
                name -> {
                    if (name.isBlank()) {
                        problems.error(
                                "hostnameOverride",
                                "empty hostname-override is invalid; write a name, or remove it for the"
                                        + " host's");
                    } else {
                        layer.put(NodeKeys.NODE_NAME, name.strip());
                    }
                });
        ifSaid(
                "clientConnection.kubeconfig",
                file -> layer.put(SourceKeys.KUBECONFIG, Path.of(file)));
        boolean six =
                !text("bindAddress").isEmpty() && family(text("bindAddress")) == IpFamily.IPV6;
        address(StatusKeys.HEALTHZ, "healthzBindAddress", six ? "::" : "0.0.0.0", HEALTHZ_PORT);
        address(StatusKeys.METRICS, "metricsBindAddress", six ? "::1" : "127.0.0.1", METRICS_PORT);
        if (values.get("bindAddressHardFail") instanceof Boolean hard) {
            layer.put(StatusKeys.BIND_HARD_FAIL, hard);
        }
        if (values.get("logging.verbosity") instanceof Integer verbosity
                && verbosity >= VERBOSITY_DEBUG) {
            layer.put(NodeKeys.LOG_LEVEL, verbosity >= VERBOSITY_TRACE ? Level.TRACE : Level.DEBUG);
        }
        String section = text("mode").isEmpty() ? "iptables" : text("mode");
        period(section + ".minSyncPeriod", DEFAULT_MIN_SYNC_PERIOD, SyncKeys.MIN_INTERVAL);
        period(section + ".syncPeriod", DEFAULT_SYNC_PERIOD, SyncKeys.RETRY);
        period("conntrack.udpTimeout", Duration.ZERO, UdpKeys.UNREPLIED_TIMEOUT);
        period("conntrack.udpStreamTimeout", Duration.ZERO, UdpKeys.REPLIED_TIMEOUT);
        if (text("mode").equals("ipvs")) {
            ifSaid("ipvs.scheduler", this::scheduler);
        }
        ifSaid("detectLocalMode", this::detectLocal);
        ifSaid("clusterCIDR", this::clusterCidrs);
        if (values.get("nodePortAddresses") instanceof List<?> where && !where.isEmpty()) {
            ifRight(() ->
                    layer.put(
                            CaptureKeys.NODE_PORT_ADDRESSES,
                            new NodePortAddresses(where.stream().map(String::valueOf).toList())));
        }
    }

    private void detectLocal(String mode) {
        switch (mode) {
            case "BridgeInterface" -> podInterface("detectLocal.bridgeInterface", "");
            case "InterfaceNamePrefix" -> podInterface("detectLocal.interfaceNamePrefix", "*");
            default -> {
                // By ranges.
            }
        }
    }

    /// @param end what stands for the rest of the name
    private void podInterface(String path, String end) {
        String name = text(path);
        if (name.isEmpty()) {
            problems.error(path, KubeProxyRules.invalid(name, "must not be empty"));
            return;
        }
        try {
            layer.put(CaptureKeys.POD_INTERFACES, List.of(new InterfaceName(name + end)));
        } catch (IllegalArgumentException _) {
            problems.error(path, KubeProxyRules.invalid(name, "must be the name of an interface"));
        }
    }

    /// The Node object's ranges need no saying: they hold where none are given.
    private void clusterCidrs(String ranges) {
        String mode = text("detectLocalMode");
        if (mode.equals("NodeCIDR")) {
            problems.warning(
                    "clusterCIDR",
                    "is passed over: detectLocalMode NodeCIDR takes the pod ranges of the Node"
                            + " object");
        } else if (layer.has(CaptureKeys.POD_INTERFACES)) {
            problems.warning(
                    "clusterCIDR",
                    "is passed over: detectLocalMode " + mode + " takes the routes of interfaces");
        } else {
            ifRight(() ->
                    layer.put(
                            CaptureKeys.CLUSTER_CIDRS,
                            Stream.of(ranges.split(",", -1)).map(Cidr::parse).toList()));
        }
    }

    /// What is wrong with a range has been said by [KubeProxyRules].
    private static void ifRight(Runnable use) {
        try {
            use.run();
        } catch (IllegalArgumentException _) {
            // The file is refused anyway.
        }
    }

    /// What generated files spell out is nobody's wish: it bounds the cost of rewriting rules,
    /// which there are none of here.
    private void period(String path, Duration theirs, ConfigKey<Duration> key) {
        if (values.get(path) instanceof Duration said && !said.isZero() && !said.equals(theirs)) {
            layer.put(key, said);
        }
    }

    private static @Nullable IpFamily family(String address) {
        try {
            return IpAddress.parse(address).family();
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    /// An address alone gets the port that kube-proxy gives it.
    private void address(
            ConfigKey<Optional<BindAddress>> key, String path, String otherwise, int port) {
        String said = text(path).isEmpty() ? otherwise : text(path);
        IpFamily family = family(said);
        String whole =
                family == null
                        ? said
                        : (family == IpFamily.IPV6 ? "[" + said + "]" : said) + ":" + port;
        String wrong = KubeProxyRules.hostPort(whole);
        if (wrong != null) {
            problems.error(path, KubeProxyRules.invalid(said, wrong));
            return;
        }
        layer.put(key, Optional.ofNullable(BindAddress.parse(whole)));
    }

    private void scheduler(String name) {
        Balancing.Policy policy =
                switch (name) {
                    case "rr", "wrr" -> Balancing.Policy.ROUND_ROBIN;
                    case "lc", "wlc", "sed", "nq", "lblc", "lblcr" ->
                            Balancing.Policy.LEAST_CONNECTIONS;
                    case "sh" -> Balancing.Policy.SOURCE_HASH;
                    case "mh" -> Balancing.Policy.MAGLEV;
                    default -> null;
                };
        if (policy == null) {
            problems.warning(
                    "ipvs.scheduler",
                    Problem.quote(name)
                            + " is passed over: no policy is like it; "
                            + Balancing.DEFAULT.policy().word()
                            + " is used");
        } else {
            layer.put(NodeKeys.BALANCE, policy);
        }
    }
}
