package io.fairlead.lab;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Two nodes with pods and a client outside, dual stack, each a network namespace of its own.
///
/// ```
///  out 192.168.50.100       n1 192.168.50.1                        n2 192.168.50.2
///      fd00:50::100            fd00:50::1                             fd00:50::2
///        |                      |   |   |   |    \                      |   |   |
///        +------ fabric --------+   p1  b1  b2   cni0 --+-- br1         |   b3  b4
///        |   (a bridge in a         .10 .11 .12   .129  +-- br2         |   .11 .12
///        |   namespace)             10.244.1.x          .130 .131       |   10.244.2.x
///        +--------------------------------------------------------------+
/// ```
///
/// Pods have `fd00:10:244:1::10` and so on. Machines lead the service ranges, 203.0.113.0/24 for
/// load balancers and 198.51.100.0/24 for external IPs to n1, where nothing takes them until a test
/// does. Nothing is made in the namespace of the process; [#close] leaves nothing behind.
public class Lab implements AutoCloseable {

    /// What a test asks for beyond the usual.
    public enum Part {
        /// br1 and br2 on one bridge of n1.
        BRIDGE,

        /// s1, a pod of n1 outside the range of its node: 10.244.200.10.
        OTHER_SUBNET
    }

    public static final String SERVICE_CIDR = "10.96.0.0/16";
    public static final String SERVICE_CIDR6 = "fd00:10:96::/108";
    public static final String POD_CIDR = "10.244.0.0/16";
    public static final String POD_CIDR6 = "fd00:10:244::/48";
    public static final String LOAD_BALANCER_CIDR = "203.0.113.0/24";
    public static final String LOAD_BALANCER_CIDR6 = "2001:db8:113::/64";
    public static final String EXTERNAL_IP_CIDR = "198.51.100.0/24";
    public static final String EXTERNAL_IP_CIDR6 = "2001:db8:100::/64";

    /// What machines other than n1 reach through it.
    static final List<String> CIDRS_OF_NODE_1 =
            List.of(
                    SERVICE_CIDR,
                    SERVICE_CIDR6,
                    LOAD_BALANCER_CIDR,
                    LOAD_BALANCER_CIDR6,
                    EXTERNAL_IP_CIDR,
                    EXTERNAL_IP_CIDR6,
                    "10.244.1.0/24",
                    "fd00:10:244:1::/64",
                    "10.244.200.0/24",
                    "fd00:10:244:200::/64");

    private final Topology topology;
    private final String prefix = Namespaces.newPrefix();
    private final Map<String, Netns> namespaces = new LinkedHashMap<>();
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private final Thread atExit = new Thread(this::close, "lab-at-exit");

    /// A lab that [#start] will make.
    Lab(Topology topology) {
        this.topology = topology;
    }

    /// A lab with these parts beyond the usual, ready for use; for tests see [LabExtension].
    public static Lab open(Part... parts) {
        Lab lab = new Lab(new Topology(setOf(parts)));
        lab.start();
        return lab;
    }

    static Set<Part> setOf(Part... parts) {
        Set<Part> set = EnumSet.noneOf(Part.class);
        set.addAll(List.of(parts));
        return set;
    }

    /// Makes everything; where that fails, nothing of it stays.
    final void start() {
        Machine.check();
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            Namespaces.deleteStale();
            Namespaces.add(topology.names().stream().map(name -> prefix + name).toList());
            topology.names().forEach(this::settings);
            topology.names().forEach(name -> ip(name, topology.links(name, prefix)));
            topology.names().forEach(name -> ip(name, topology.addresses(name)));
        } catch (RuntimeException | Error e) {
            try {
                close();
            } catch (RuntimeException | Error second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    /// Before there are links: a new link takes over what is set for `default`.
    private void settings(String name) {
        Netns netns = new Netns(prefix + name);
        namespaces.put(name, netns);
        String forwarding = topology.isNode(name) ? "1" : "0";
        netns.sysctl("net/ipv4/ip_forward", forwarding);
        netns.sysctl("net/ipv6/conf/all/forwarding", forwarding);
        for (String which : List.of("all", "default")) {
            netns.sysctl("net/ipv4/conf/" + which + "/rp_filter", "0");
            // Addresses are usable at once, and nobody else has them.
            netns.sysctl("net/ipv6/conf/" + which + "/accept_dad", "0");
            netns.sysctl("net/ipv6/conf/" + which + "/disable_ipv6", "0");
        }
        netns.sysctl("net/ipv6/conf/default/router_solicitations", "0");
        // Every refusal is told; else the seventh in a second would look like silence.
        netns.sysctl("net/ipv4/icmp_ratelimit", "0");
        netns.sysctl("net/ipv6/icmp/ratelimit", "0");
        for (String limit : List.of("icmp_msgs_per_sec", "icmp_msgs_burst")) {
            // Of the namespace in newer kernels, of the whole machine in older ones.
            if (netns.hasSysctl("net/ipv4/" + limit)) {
                netns.sysctl("net/ipv4/" + limit, "1000000");
            }
        }
        if (topology.speaks(name)) {
            hosts.put(
                    name,
                    new Host(
                            name,
                            netns,
                            (Inet4Address) InetAddress.ofLiteral(topology.ipv4(name)),
                            (Inet6Address) InetAddress.ofLiteral(topology.ipv6(name))));
        }
    }

    private void ip(String name, List<String> lines) {
        if (!lines.isEmpty()) {
            Programs.run(
                    List.of("ip", "-n", prefix + name, "-batch", "-"),
                    String.join("\n", lines) + "\n");
        }
    }

    /// The node of the agent under test.
    public Host n1() {
        return host("n1");
    }

    /// The other node.
    public Host n2() {
        return host("n2");
    }

    /// A client outside the cluster, on the nodes' network.
    public Host out() {
        return host("out");
    }

    /// The client pod, on n1.
    public Host p1() {
        return host("p1");
    }

    /// A backend pod on n1.
    public Host b1() {
        return host("b1");
    }

    /// Another backend pod on n1.
    public Host b2() {
        return host("b2");
    }

    /// A backend pod on n2.
    public Host b3() {
        return host("b3");
    }

    /// Another backend pod on n2.
    public Host b4() {
        return host("b4");
    }

    /// A host by its name: also br1, br2 and s1, where the lab has them.
    public Host host(String name) {
        @Nullable Host host = hosts.get(name);
        if (host == null) {
            throw new IllegalArgumentException(
                    name + " is not in this lab, which has " + hosts.keySet());
        }
        return host;
    }

    public List<Host> hosts() {
        return List.copyOf(hosts.values());
    }

    /// Sets how strictly n1 checks where packets come from: 0 off, 1 strict, 2 loose.
    public void reversePathFilter(int mode) {
        Netns netns = n1().netns();
        // The kernel takes the greater of `all` and the link's own.
        netns.sysctl("net/ipv4/conf/default/rp_filter", "0");
        netns.sysctl("net/ipv4/conf/all/rp_filter", Integer.toString(mode));
    }

    /// Whether this kernel can lead bridged packets through iptables and nftables.
    public boolean hasBridgeNetfilter() {
        return n1().netns().hasSysctl("net/bridge/bridge-nf-call-iptables");
    }

    /// Switches that for the bridge of n1; where the kernel cannot, that is an error.
    public void bridgeNetfilter(boolean on) {
        for (String key : List.of("bridge-nf-call-iptables", "bridge-nf-call-ip6tables")) {
            n1().netns().sysctl("net/bridge/" + key, on ? "1" : "0");
        }
    }

    /// Ends the programs in the lab, removes all of it, and fails where a thread stays in it: what
    /// such a thread does next would happen in the wrong place.
    @Override
    public final void close() {
        List<String> names =
                topology.names().stream()
                        .map(name -> prefix + name)
                        .filter(Namespaces.existing()::contains)
                        .toList();
        List<String> stayed = new ArrayList<>();
        try {
            namespaces.values().forEach(Netns::endThreads);
            awaitNone(() -> Namespaces.threadsIn(names).isEmpty());
            stayed.addAll(Namespaces.threadsIn(names));
        } finally {
            Namespaces.delete(names);
            namespaces.clear();
            hosts.clear();
            forgetExit();
        }
        if (!stayed.isEmpty()) {
            throw new IllegalStateException("threads stay in namespaces of the lab: " + stayed);
        }
    }

    private static void awaitNone(BooleanSupplier none) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (!none.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    private void forgetExit() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException _) {
            // The process ends; the hook itself is at work.
        }
    }
}
