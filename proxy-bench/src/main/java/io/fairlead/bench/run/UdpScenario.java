package io.fairlead.bench.run;

import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Datagrams of 64 bytes per second, from a client outside to a backend on the node: of flows that
/// are known, and of a new flow for each question. Directly, through the agent, by the kernel's
/// NAT, and through nginx.
final class UdpScenario {

    /// Where flows last: a port of no questions.
    static final int KNOWN = 8080;

    /// Where each question is a flow: the port of DNS.
    static final int QUESTIONS = 53;

    private static final int BACKEND_PORT = 9090;
    private static final String LOAD_BALANCER = "203.0.113.10";
    private static final String LOCAL_LOAD_BALANCER = "203.0.113.11";
    private static final String DNAT_VIP = "198.51.100.77";
    private static final long PATIENCE_NS = Duration.ofMinutes(1).toNanos();

    private final int rounds;
    private final Duration time;
    private final long seed;
    private final PrintStream out;

    /// One way to the backend, and what was measured of it: a figure for each round.
    private static final class Target {
        final String name;
        final InetAddress to;
        final List<Figures> byKind = List.of(new Figures(), new Figures());

        Target(String name, InetAddress to) {
            this.name = name;
            this.to = to;
        }
    }

    /// Of known flows, or of new ones.
    private static final class Figures {
        final List<Double> perSecond = new ArrayList<>();
        long answers;
        long lost;
    }

    UdpScenario(int rounds, Duration time, long seed, PrintStream out) {
        this.rounds = rounds;
        this.time = time;
        this.seed = seed;
        this.out = out;
    }

    void run(Path work) throws Exception {
        out.printf(
                "datagrams of 64 bytes, asked and answered, from outside to a backend on the node;"
                        + " %d rounds of %d s, seed %d, load %s%n",
                rounds, time.toSeconds(), seed, Files.readString(Path.of("/proc/loadavg")).strip());
        try (Lab lab = Lab.open();
                UdpServer _ = UdpServer.start(lab.b1(), BACKEND_PORT);
                BenchAgent agent = BenchAgent.start(lab.n1(), work)) {
            for (Host host : List.of(lab.out(), lab.n1(), lab.b1())) {
                host.netns().sysctl("net/ipv4/ip_local_port_range", "1024 65535");
            }
            String backend = lab.b1().ipv4().getHostAddress() + ":" + BACKEND_PORT;
            List<Target> targets = new ArrayList<>();
            targets.add(new Target("direct", lab.b1().ipv4()));
            agent.serve(services(lab));
            targets.add(new Target("Fairlead", InetAddress.ofLiteral(LOAD_BALANCER)));
            targets.add(
                    new Target(
                            "Fairlead, client's address shown",
                            InetAddress.ofLiteral(LOCAL_LOAD_BALANCER)));
            targets.add(new Target("kernel DNAT (nft)", InetAddress.ofLiteral(DNAT_VIP)));
            try (AutoCloseable nginx = nginx(lab, backend, work, targets)) {
                for (Target target : targets) {
                    awaitServed(lab, target, agent, backend, work);
                }
                measure(lab, targets, backend);
                out.println(nginx == null ? "nginx is not on the PATH: not measured" : "");
            }
            report(targets);
        }
    }

    private static @Nullable AutoCloseable nginx(
            Lab lab, String backend, Path work, List<Target> targets) throws Exception {
        Path nginx = UdpPeers.find("nginx");
        if (nginx == null) {
            return null;
        }
        targets.add(new Target(UdpPeers.nginxVersion(nginx) + ", stream", lab.n1().ipv4()));
        return UdpPeers.startNginx(nginx, lab.n1(), List.of(KNOWN, QUESTIONS), backend, work);
    }

    private void measure(Lab lab, List<Target> targets, String backend) throws Exception {
        Random random = new Random(seed);
        for (int round = -1; round < rounds; round++) {
            List<Target> order = new ArrayList<>(targets);
            Collections.shuffle(order, random);
            for (Target target : order) {
                during(lab, target, backend, round);
            }
        }
    }

    private void during(Lab lab, Target target, String backend, int round) throws Exception {
        boolean dnat = target.to.getHostAddress().equals(DNAT_VIP);
        if (dnat) {
            UdpPeers.startDnat(lab.n1(), DNAT_VIP, List.of(KNOWN, QUESTIONS), backend);
        }
        for (int kind = 0; kind < 2; kind++) {
            UdpLoad.Result result = load(lab, target, kind == 1).run(time);
            out.printf(
                    "%s %-36s %-12s %,9.0f /s, %d lost%n",
                    round < 0 ? "warm-up" : "round " + (round + 1),
                    target.name,
                    kind == 0 ? "known flows" : "new flows",
                    result.perSecond(),
                    result.lost());
            if (round >= 0) {
                Figures figures = target.byKind.get(kind);
                figures.perSecond.add(result.perSecond());
                figures.answers += result.answers();
                figures.lost += result.lost();
            }
        }
        if (dnat) {
            UdpPeers.stopDnat(lab.n1());
        }
    }

    private static UdpLoad load(Lab lab, Target target, boolean newFlows) {
        boolean direct = target.name.equals("direct");
        int port = direct ? BACKEND_PORT : newFlows ? QUESTIONS : KNOWN;
        return new UdpLoad(lab.out(), new InetSocketAddress(target.to, port), newFlows);
    }

    private static void awaitServed(
            Lab lab, Target target, BenchAgent agent, String backend, Path work) throws Exception {
        boolean dnat = target.to.getHostAddress().equals(DNAT_VIP);
        if (dnat) {
            UdpPeers.startDnat(lab.n1(), DNAT_VIP, List.of(KNOWN, QUESTIONS), backend);
        }
        long deadline = System.nanoTime() + PATIENCE_NS;
        for (boolean newFlows : new boolean[] {false, true}) {
            UdpLoad load = load(lab, target, newFlows);
            while (!load.isServed()) {
                if (!agent.isAlive() || System.nanoTime() > deadline) {
                    throw new IllegalStateException(
                            target.name + " does not serve; " + UdpPeers.nginxLog(work));
                }
                Thread.onSpinWait();
            }
        }
        if (dnat) {
            UdpPeers.stopDnat(lab.n1());
        }
    }

    private void report(List<Target> targets) {
        for (int kind = 0; kind < 2; kind++) {
            double direct = ConnectScenario.median(targets.getFirst().byKind.get(kind).perSecond);
            out.println();
            out.printf(
                    "| %s | answers/s, median (least to most) | of direct | lost |%n",
                    kind == 0 ? "known flows" : "a new flow for each question");
            out.println("|---|---|---|---|");
            for (Target target : targets) {
                Figures figures = target.byKind.get(kind);
                out.printf(
                        "| %s | %,.0f (%,.0f to %,.0f) | %.2f | %d of %,d |%n",
                        target.name,
                        ConnectScenario.median(figures.perSecond),
                        Collections.min(figures.perSecond),
                        Collections.max(figures.perSecond),
                        ConnectScenario.median(figures.perSecond) / direct,
                        figures.lost,
                        figures.answers + figures.lost);
            }
        }
    }

    private static String services(Lab lab) {
        String backend = lab.b1().ipv4().getHostAddress();
        return service("cluster", "10.96.0.10", LOAD_BALANCER, "Cluster", backend)
                + service("local", "10.96.0.11", LOCAL_LOAD_BALANCER, "Local", backend);
    }

    private static String service(
            String name, String vip, String loadBalancer, String policy, String backend) {
        return """
        ---
        {apiVersion: v1, kind: Service, metadata: {name: %1$s, namespace: bench}, spec: {type: LoadBalancer, clusterIP: %2$s, allocateLoadBalancerNodePorts: false, externalTrafficPolicy: %4$s, ports: [{name: known, port: %6$d, protocol: UDP}, {name: questions, port: %7$d, protocol: UDP}]}, status: {loadBalancer: {ingress: [{ip: %3$s}]}}}
        ---
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: %1$s, namespace: bench, labels: {kubernetes.io/service-name: %1$s}}, addressType: IPv4, ports: [{name: known, port: %8$d, protocol: UDP}, {name: questions, port: %8$d, protocol: UDP}], endpoints: [{addresses: [%5$s], nodeName: n1}]}
        """
                .formatted(
                        name, vip, loadBalancer, policy, backend, KNOWN, QUESTIONS, BACKEND_PORT);
    }
}
