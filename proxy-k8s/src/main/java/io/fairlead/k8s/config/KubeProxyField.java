package io.fairlead.k8s.config;

import io.fairlead.k8s.cluster.Problem;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// One field of KubeProxyConfiguration v1alpha1, as of Kubernetes 1.36.
///
/// @param ignored why Fairlead has no use for it; null where it has
/// @param harmless kube-proxy's defaults, which generated files spell out: nothing is said of them,
///   as of empty values
record KubeProxyField(String path, Type type, @Nullable String ignored, List<Object> harmless) {

    /// What a value is.
    enum Type {
        TEXT("text"),
        YES_NO("true or false"),
        COUNT("a whole number"),
        NUMBER("a number"),
        DURATION("a duration in quotes or with its unit, such as 30s"),
        TEXTS("a list of texts"),
        ANY("");

        private final String words;

        Type(String words) {
            this.words = words;
        }

        /// The value in Java, or null when it is of another type.
        @Nullable Object read(JsonNode value) {
            return switch (this) {
                case TEXT -> value.isString() ? value.stringValue() : null;
                case YES_NO -> value.isBoolean() ? value.booleanValue() : null;
                case COUNT -> value.isInt() ? value.intValue() : null;
                case NUMBER -> value.isNumber() ? value.decimalValue() : null;
                case DURATION -> value.isString() ? duration(value.stringValue()) : null;
                case TEXTS ->
                        value.isArray() && value.values().stream().allMatch(JsonNode::isString)
                                ? value.values().stream().map(JsonNode::stringValue).toList()
                                : null;
                case ANY -> value;
            };
        }

        private static @Nullable Duration duration(String text) {
            try {
                return GoDuration.parse(text);
            } catch (IllegalArgumentException _) {
                return null;
            }
        }
    }

    private static final String UNTRACKED = "the kernel tracks no connection for Fairlead";
    private static final String NO_RULES = "Fairlead rewrites no packets";
    private static final String NO_IPVS = "there is no IPVS";
    private static final String WINDOWS = "this is not Windows";
    private static final String FEW_REQUESTS =
            "one list and one watch for each resource need no rate";

    static final Map<String, KubeProxyField> ALL =
            Stream.of(
                            ignored("featureGates", Type.ANY, "Fairlead has no feature gates"),
                            used("clientConnection.kubeconfig", Type.TEXT),
                            ignored(
                                    "clientConnection.acceptContentTypes",
                                    Type.TEXT,
                                    "JSON is spoken",
                                    "application/json"),
                            ignored(
                                    "clientConnection.contentType",
                                    Type.TEXT,
                                    "JSON is spoken",
                                    "application/json",
                                    "application/vnd.kubernetes.protobuf"),
                            ignored(
                                    "clientConnection.qps",
                                    Type.NUMBER,
                                    FEW_REQUESTS,
                                    BigDecimal.valueOf(5)),
                            ignored("clientConnection.burst", Type.COUNT, FEW_REQUESTS, 10),
                            ignored("logging.format", Type.TEXT, "there is one format", "text"),
                            used("logging.flushFrequency", Type.ANY),
                            used("logging.verbosity", Type.COUNT),
                            ignored("logging.vmodule", Type.ANY, "levels are for all modules"),
                            used("logging.options", Type.ANY),
                            used("hostnameOverride", Type.TEXT),
                            ignored(
                                    "bindAddress",
                                    Type.TEXT,
                                    "the Node object has this node's addresses; only the family of"
                                            + " the health and metrics addresses follows from it",
                                    "0.0.0.0",
                                    "::"),
                            used("healthzBindAddress", Type.TEXT),
                            used("metricsBindAddress", Type.TEXT),
                            used("bindAddressHardFail", Type.YES_NO),
                            ignored("enableProfiling", Type.YES_NO, "there is no /debug/pprof"),
                            ignored(
                                    "showHiddenMetricsForVersion",
                                    Type.TEXT,
                                    "no metric is hidden"),
                            ignored("mode", Type.TEXT, "Fairlead is a mode of its own"),
                            ignored("iptables.masqueradeBit", Type.COUNT, NO_RULES, 14),
                            ignored("iptables.masqueradeAll", Type.YES_NO, NO_RULES),
                            ignored("iptables.localhostNodePorts", Type.YES_NO, NO_RULES, true),
                            ignored("iptables.snatNodeInternalIP", Type.YES_NO, NO_RULES),
                            used("iptables.syncPeriod", Type.DURATION),
                            used("iptables.minSyncPeriod", Type.DURATION),
                            used("ipvs.syncPeriod", Type.DURATION),
                            used("ipvs.minSyncPeriod", Type.DURATION),
                            used("ipvs.scheduler", Type.TEXT),
                            ignored("ipvs.excludeCIDRs", Type.TEXTS, NO_IPVS),
                            ignored("ipvs.strictARP", Type.YES_NO, NO_IPVS),
                            ignored("ipvs.tcpTimeout", Type.DURATION, NO_IPVS),
                            ignored("ipvs.tcpFinTimeout", Type.DURATION, NO_IPVS),
                            ignored("ipvs.udpTimeout", Type.DURATION, NO_IPVS),
                            ignored("nftables.masqueradeBit", Type.COUNT, NO_RULES, 14),
                            ignored("nftables.masqueradeAll", Type.YES_NO, NO_RULES),
                            used("nftables.syncPeriod", Type.DURATION),
                            used("nftables.minSyncPeriod", Type.DURATION),
                            ignored("winkernel.networkName", Type.TEXT, WINDOWS),
                            ignored("winkernel.sourceVip", Type.TEXT, WINDOWS),
                            ignored("winkernel.enableDSR", Type.YES_NO, WINDOWS),
                            ignored("winkernel.rootHnsEndpointName", Type.TEXT, WINDOWS),
                            ignored("winkernel.forwardHealthCheckVip", Type.YES_NO, WINDOWS),
                            used("detectLocalMode", Type.TEXT),
                            used("detectLocal.bridgeInterface", Type.TEXT),
                            used("detectLocal.interfaceNamePrefix", Type.TEXT),
                            used("clusterCIDR", Type.TEXT),
                            used("nodePortAddresses", Type.TEXTS),
                            ignored(
                                    "oomScoreAdj",
                                    Type.COUNT,
                                    "Fairlead leaves its own to whoever starts it",
                                    -999),
                            ignored("conntrack.maxPerCore", Type.COUNT, UNTRACKED, 32 * 1024),
                            ignored("conntrack.min", Type.COUNT, UNTRACKED, 128 * 1024),
                            ignored(
                                    "conntrack.tcpEstablishedTimeout",
                                    Type.DURATION,
                                    UNTRACKED,
                                    Duration.ofDays(1)),
                            ignored(
                                    "conntrack.tcpCloseWaitTimeout",
                                    Type.DURATION,
                                    UNTRACKED,
                                    Duration.ofHours(1)),
                            ignored("conntrack.tcpBeLiberal", Type.YES_NO, UNTRACKED),
                            used("conntrack.udpTimeout", Type.DURATION),
                            used("conntrack.udpStreamTimeout", Type.DURATION),
                            ignored(
                                    "configSyncPeriod",
                                    Type.DURATION,
                                    "watches tell every change, so nothing is read anew",
                                    Duration.ofMinutes(15)),
                            ignored("portRange", Type.TEXT, "kube-proxy has no use for it either"),
                            ignored("windowsRunAsService", Type.YES_NO, WINDOWS))
                    .collect(
                            Collectors.toUnmodifiableMap(
                                    KubeProxyField::path, Function.identity()));

    private static KubeProxyField used(String path, Type type) {
        return new KubeProxyField(path, type, null, List.of());
    }

    private static KubeProxyField ignored(String path, Type type, String why, Object... harmless) {
        return new KubeProxyField(path, type, why, Arrays.asList(harmless));
    }

    /// Reads a value, or says what it is not.
    @Nullable Object read(JsonNode value, FileProblems problems) {
        Object read = type.read(value);
        if (read == null) {
            problems.error(
                    path,
                    Problem.quote(value.asString(value.toString()))
                            + " is not "
                            + type.words
                            + "; correct it or remove it");
        } else if (ignored != null && !isHarmless(read)) {
            problems.warning(path, "is passed over: " + ignored);
        }
        return read;
    }

    private boolean isHarmless(Object value) {
        boolean empty =
                switch (value) {
                    case String text -> text.isEmpty();
                    case Boolean yes -> !yes;
                    case Integer count -> count == 0;
                    case BigDecimal number -> number.signum() == 0;
                    case Duration duration -> duration.isZero();
                    case List<?> list -> list.isEmpty();
                    case JsonNode tree -> tree.isEmpty() && tree.isContainer();
                    default -> false;
                };
        return empty || harmless.stream().anyMatch(h -> isEqual(h, value));
    }

    /// Numbers by what they are, not by their digits after the point.
    private static boolean isEqual(Object one, Object other) {
        if (one instanceof BigDecimal a && other instanceof BigDecimal b) {
            return a.compareTo(b) == 0;
        }
        return one.equals(other);
    }
}
