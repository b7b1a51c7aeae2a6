package io.fairlead.bench.run;

import io.fairlead.lab.Lab;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/// New connections per second: connect, one byte each way, close. From a pod to a backend on the
/// same node, directly and through the agent with few and with many Services.
final class ConnectScenario {

    private static final int PORT = 8080;
    private static final String VIP = "10.96.0.10";
    private static final long PATIENCE_NS = Duration.ofMinutes(2).toNanos();
    private static final int PER_NET = 250;

    private final int rounds;
    private final Duration time;
    private final int many;
    private final long seed;
    private final PrintStream out;

    /// One thing to measure, and what was measured of it: a figure for each round.
    private static final class Target {
        final String name;

        /// How many there are; 0 for the backend itself.
        final int services;

        final List<Double> perSecond = new ArrayList<>();
        final List<Double> cpuPer10k = new ArrayList<>();
        long failures;

        Target(String name, int services) {
            this.name = name;
            this.services = services;
        }
    }

    ConnectScenario(int rounds, Duration time, int many, long seed, PrintStream out) {
        this.rounds = rounds;
        this.time = time;
        this.many = many;
        this.seed = seed;
        this.out = out;
    }

    void run(Path work) throws Exception {
        out.printf(
                "connect + 1 byte + close, pod to backend on one node; %d rounds of %d s, seed"
                        + " %d, load %s%n",
                rounds, time.toSeconds(), seed, Files.readString(Path.of("/proc/loadavg")).strip());
        List<Target> targets =
                List.of(
                        new Target("direct", 0),
                        new Target("Fairlead, 10 Services", 10),
                        new Target("Fairlead, " + many + " Services", many));
        Random random = new Random(seed);
        try (Lab lab = Lab.open();
                ConnectServer _ = ConnectServer.start(lab.b1(), PORT);
                BenchAgent agent = BenchAgent.start(lab.n1(), work)) {
            for (var host : List.of(lab.p1(), lab.n1(), lab.b1())) {
                host.netns().sysctl("net/ipv4/ip_local_port_range", "1024 65535");
                host.netns().sysctl("net/ipv4/tcp_tw_reuse", "1");
            }
            InetSocketAddress backend = new InetSocketAddress(lab.b1().ipv4(), PORT);
            ConnectLoad direct = new ConnectLoad(lab.p1(), backend);
            ConnectLoad proxied = new ConnectLoad(lab.p1(), address(VIP));
            int served = -1;
            for (int round = -1; round < rounds; round++) {
                List<Target> order = new ArrayList<>(targets);
                Collections.shuffle(order, random);
                for (Target target : order) {
                    if (target.services > 0 && target.services != served) {
                        served = target.services;
                        agent.serve(services(served, lab));
                        await(agent, new ConnectLoad(lab.p1(), address(lastVip(served))));
                    }
                    double cpu = agent.cpuSeconds();
                    ConnectLoad load = target.services == 0 ? direct : proxied;
                    ConnectLoad.Result result = load.run(time);
                    double spent = agent.cpuSeconds() - cpu;
                    out.printf(
                            "%s %-24s %,9.0f /s, %d failed%n",
                            round < 0 ? "warm-up" : "round " + (round + 1),
                            target.name,
                            result.perSecond(),
                            result.failures());
                    if (round >= 0) {
                        target.perSecond.add(result.perSecond());
                        target.cpuPer10k.add(spent * 10_000 / result.connections());
                        target.failures += result.failures();
                    }
                }
            }
        }
        report(targets);
    }

    private void report(List<Target> targets) {
        double direct = median(targets.getFirst().perSecond);
        out.println();
        out.println(
                "| | connections/s, median (least to most) | of direct | agent CPU s per 10,000 |"
                        + " failed |");
        out.println("|---|---|---|---|---|");
        for (Target target : targets) {
            out.printf(
                    "| %s | %,.0f (%,.0f to %,.0f) | %.2f | %s | %d |%n",
                    target.name,
                    median(target.perSecond),
                    Collections.min(target.perSecond),
                    Collections.max(target.perSecond),
                    median(target.perSecond) / direct,
                    target.services == 0 ? "" : "%.2f".formatted(median(target.cpuPer10k)),
                    target.failures);
        }
        Target few = targets.get(1);
        Target more = targets.get(2);
        out.printf(
                "%nWith %,d Services %.2f of the rate with %,d.%n",
                more.services, median(more.perSecond) / median(few.perSecond), few.services);
    }

    static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    private static void await(BenchAgent agent, ConnectLoad load) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NS;
        while (!load.isServed()) {
            if (!agent.isAlive() || System.nanoTime() > deadline) {
                throw new IllegalStateException("the agent does not serve; see agent.log");
            }
            Thread.onSpinWait();
        }
    }

    private static InetSocketAddress address(String vip) {
        return new InetSocketAddress(InetAddress.ofLiteral(vip), 80);
    }

    private static String vip(int i) {
        return i == 0 ? VIP : "10.96." + (1 + i / PER_NET) + "." + (1 + i % PER_NET);
    }

    private static String lastVip(int services) {
        return vip(services - 1);
    }

    private static String services(int count, Lab lab) {
        StringBuilder yaml = new StringBuilder();
        String backend = lab.b1().ipv4().getHostAddress();
        for (int i = 0; i < count; i++) {
            yaml.append(
                    """
                    ---
                    {apiVersion: v1, kind: Service, metadata: {name: s%1$d, namespace: bench}, spec: {clusterIP: %2$s, ports: [{port: 80}]}}
                    ---
                    {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s%1$d, namespace: bench, labels: {kubernetes.io/service-name: s%1$d}}, addressType: IPv4, ports: [{name: "", port: %4$d, protocol: TCP}], endpoints: [{addresses: [%3$s]}]}
                    """
                            .formatted(i, vip(i), backend, PORT));
        }
        return yaml.toString();
    }
}
