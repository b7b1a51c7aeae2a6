package io.fairlead.k8s.config;

import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.k8s.cluster.Problem;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What kube-proxy asks of the values in its configuration (SEMANTICS A15), also of those that mean
/// nothing here: who mends a file should not have to mend it twice.
///
/// Zero stands for a default, so it passes where kube-proxy would have put a value.
final class KubeProxyRules {

    private static final String AN_EXAMPLE = "(e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)";
    private static final String A_PAIR = "(e.g. 10.100.0.0/16,fde4:8dba:82e1::/48)";

    private final Map<String, Object> values;
    private final FileProblems problems;

    private KubeProxyRules(Map<String, Object> values, FileProblems problems) {
        this.values = values;
        this.problems = problems;
    }

    static void check(Map<String, Object> values, FileProblems problems) {
        KubeProxyRules rules = new KubeProxyRules(values, problems);
        rules.words();
        rules.numbers();
        rules.durations();
        rules.addresses();
    }

    /// A message in the form that operators of Kubernetes know.
    static String invalid(Object value, String rule) {
        String quoted = Problem.quote(value.toString());
        return "Invalid value: \"" + quoted.substring(1, quoted.length() - 1) + "\": " + rule;
    }

    private void wrong(String path, Object value, String rule) {
        problems.error(path, invalid(value, rule));
    }

    private void words() {
        oneOf("mode", Set.of("iptables", "ipvs", "nftables"), "iptables,ipvs,nftables", "iptables");
        oneOf(
                "detectLocalMode",
                Set.of("ClusterCIDR", "NodeCIDR", "BridgeInterface", "InterfaceNamePrefix"),
                "ClusterCIDR,NodeCIDR,BridgeInterface,InterfaceNamePrefix",
                "ClusterCIDR");
    }

    private void oneOf(String path, Set<String> words, String list, String blank) {
        if (values.get(path) instanceof String word && !word.isEmpty() && !words.contains(word)) {
            wrong(path, word, "must be " + list + " or blank (blank means " + blank + ")");
        }
    }

    private void numbers() {
        range("oomScoreAdj", -1000, 1000);
        range("iptables.masqueradeBit", 0, 31);
        range("nftables.masqueradeBit", 0, 31);
        range("conntrack.maxPerCore", 0, Integer.MAX_VALUE);
        range("conntrack.min", 0, Integer.MAX_VALUE);
        range("clientConnection.burst", 0, Integer.MAX_VALUE);
    }

    private void range(String path, int least, int most) {
        if (values.get(path) instanceof Integer n && (n < least || n > most)) {
            wrong(
                    path,
                    n,
                    most == Integer.MAX_VALUE
                            ? "must be greater than or equal to " + least
                            : "must be within the range [" + least + ", " + most + "]");
        }
    }

    private void durations() {
        if (duration("configSyncPeriod", Duration.ofMinutes(15)).isNegative()) {
            wrong("configSyncPeriod", text("configSyncPeriod"), "must be greater than 0");
        }
        for (String section : List.of("iptables", "ipvs", "nftables")) {
            syncPeriods(section);
        }
        for (String path :
                List.of(
                        "conntrack.tcpEstablishedTimeout",
                        "conntrack.tcpCloseWaitTimeout",
                        "conntrack.udpTimeout",
                        "conntrack.udpStreamTimeout",
                        "ipvs.tcpTimeout",
                        "ipvs.tcpFinTimeout",
                        "ipvs.udpTimeout")) {
            if (duration(path, Duration.ZERO).isNegative()) {
                wrong(path, text(path), "must be greater than or equal to 0");
            }
        }
    }

    private void syncPeriods(String section) {
        String sync = section + ".syncPeriod";
        String min = section + ".minSyncPeriod";
        Duration period = duration(sync, KubeProxyFile.DEFAULT_SYNC_PERIOD);
        Duration least =
                duration(
                        min,
                        section.equals("ipvs")
                                ? Duration.ZERO
                                : KubeProxyFile.DEFAULT_MIN_SYNC_PERIOD);
        if (period.isNegative()) {
            wrong(sync, text(sync), "must be greater than 0");
        } else if (least.isNegative()) {
            wrong(min, text(min), "must be greater than or equal to 0");
        } else if (period.compareTo(least) < 0) {
            wrong(sync, GoDuration.text(period), "must be greater than or equal to " + min);
        }
    }

    private Duration duration(String path, Duration otherwise) {
        return values.get(path) instanceof Duration said && !said.isZero() ? said : otherwise;
    }

    private String text(String path) {
        return values.get(path) instanceof Duration said ? GoDuration.text(said) : "";
    }

    private void addresses() {
        if (values.get("bindAddress") instanceof String at && !at.isEmpty() && !isAddress(at)) {
            wrong("bindAddress", at, "not a valid textual representation of an IP address");
        }
        if (values.get("clusterCIDR") instanceof String cidrs && !cidrs.isEmpty()) {
            clusterCidr(cidrs);
        }
        if (values.get("nodePortAddresses") instanceof List<?> ranges) {
            nodePorts(ranges.stream().map(String::valueOf).toList());
        }
    }

    private void clusterCidr(String text) {
        List<@Nullable IpFamily> families =
                Arrays.stream(text.split(",", -1)).map(KubeProxyRules::family).toList();
        if (families.size() > 2) {
            wrong("clusterCIDR", text, "only one CIDR allowed or a valid DualStack CIDR " + A_PAIR);
        } else if (families.size() == 2
                && !Set.copyOf(Arrays.asList(IpFamily.values()))
                        .equals(new java.util.HashSet<>(families))) {
            wrong("clusterCIDR", text, "must be a valid DualStack CIDR " + A_PAIR);
        } else if (families.contains(null)) {
            wrong("clusterCIDR", text, "must be a valid CIDR block " + AN_EXAMPLE);
        }
    }

    private void nodePorts(List<String> ranges) {
        if (ranges.contains("primary")) {
            if (ranges.size() > 1) {
                wrong("nodePortAddresses", ranges, "can't use both 'primary' and CIDRs");
            }
            return;
        }
        for (int i = 0; i < ranges.size(); i++) {
            if (family(ranges.get(i)) == null) {
                wrong(
                        "nodePortAddresses[" + i + "]",
                        ranges.get(i),
                        "must be a valid CIDR block " + AN_EXAMPLE + " or 'primary'");
            }
        }
    }

    private static @Nullable IpFamily family(String cidr) {
        try {
            return Cidr.parse(cidr).address().family();
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    private static boolean isAddress(String text) {
        try {
            return IpAddress.parse(text) != null;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /// What is wrong with an address and port, or null.
    static @Nullable String hostPort(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (host.isEmpty() || (!bracketed && host.contains(":"))) {
            return "must be IP:port";
        }
        if (!isAddress(bracketed ? host.substring(1, host.length() - 1) : host)) {
            return "must be a valid IP";
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            return port < 1 || port > 65_535 ? "must be a valid port" : null;
        } catch (NumberFormatException _) {
            return "must be a valid port";
        }
    }
}
