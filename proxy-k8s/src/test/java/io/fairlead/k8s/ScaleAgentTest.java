package io.fairlead.k8s;

import static io.fairlead.k8s.World.ask;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.testing.ApiObjects;
import io.fairlead.k8s.testing.FakeApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An agent on a large cluster, in a process of its own, with figures printed.
///
/// 500 Services and 20 changes; `-Dfairlead.scale.services=10000 -Dfairlead.scale.changes=200` for
/// the scale that Fairlead is made for. Here and not in proxy-bench, since it needs the API server
/// of the tests and holds what comes out, whatever the time.
class ScaleAgentTest {

    private static final int SERVICES = Integer.getInteger("fairlead.scale.services", 500);
    private static final int CHANGES = Integer.getInteger("fairlead.scale.changes", 20);
    private static final int ENDPOINTS = 10;
    private static final int PORT = 8080;
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);
    private static final int BACKGROUND_PER_SECOND = 50;
    private static final Pattern USED = Pattern.compile("used (\\d+)K");

    @TempDir private Path temporary;

    private static String vip(int service) {
        return "127.21." + (service >> 8) + "." + (service & 0xff);
    }

    /// As a cluster has it: with a node, a zone and a pod for each endpoint.
    private static String slice(int service, int endpoints) {
        return """
        labels:{"kubernetes.io/service-name":"s%1$d"},"addressType":"IPv4",\
        "ports":[{"name":"http","port":8080,"protocol":"TCP"}],"endpoints":[%2$s]\
        """
                .formatted(
                        service,
                        IntStream.range(0, endpoints)
                                .mapToObj(i -> endpoint(service * ENDPOINTS + i))
                                .collect(Collectors.joining(",")));
    }

    private static String endpoint(int pod) {
        return """
        {"addresses":["10.%1$d.%2$d.%3$d"],\
        "conditions":{"ready":true,"serving":true,"terminating":false},\
        "nodeName":"node-%3$d","zone":"z%4$d","targetRef":{"kind":"Pod","namespace":"default",\
        "name":"pod-%5$d","uid":"7c0d2f5e-0000-4000-8000-%5$012d"}}\
        """
                .formatted(128 + (pod >> 16), pod >> 8 & 0xff, pod & 0xff, pod % 3, pod);
    }

    /// The Service that is asked.
    private static void lead(FakeApiServer api, int port) {
        api.put("endpointslices", "s0-1", ApiObjects.slice("s0", "127.0.0.1", port));
    }

    @Test
    void theNextConnectionUsesAChangeAmongManyServices() throws Exception {
        try (World world = new World(Files.createDirectory(temporary.resolve("unused")));
                FakeApiServer api = new FakeApiServer()) {
            int a = world.backend("127.0.0.1", "a");
            int b = world.backend("127.0.0.1", "b");
            for (int i = 1; i < SERVICES; i++) {
                api.put("services", "s" + i, ApiObjects.service(vip(i), PORT));
                api.put("endpointslices", "s" + i + "-1", slice(i, ENDPOINTS));
            }
            api.put("services", "s0", ApiObjects.service(vip(0), PORT));
            lead(api, a);
            api.put("nodes", "n1", ApiObjects.node("z1"));
            api.compact();
            try (AgentProcess agent = start(api)) {
                World.await(() -> api.count("list", "endpointslices") > 0, "lists are asked for");
                long asked = System.nanoTime();
                assertThat(agent.awaitLine(l -> l.contains(" serves ")))
                        .contains("serves " + SERVICES + " Services");
                print(
                        "%d Services applied %.2f s after their lists were asked for, %.2f s of CPU"
                                .formatted(SERVICES, seconds(asked), cpu(agent).toNanos() / 1e9));
                print("heap after GC: %.0f MiB".formatted(heap(agent) / 1024.0));
                change(api, agent, a, b);
                print("heap after GC: %.0f MiB".formatted(heap(agent) / 1024.0));
            }
        }
    }

    private void change(FakeApiServer api, AgentProcess agent, int a, int b) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        int[] background = {0};
        Thread others =
                Thread.ofPlatform()
                        .start(() -> {
                            while (!stop.get()) {
                                int turn = background[0]++;
                                int service = 1 + turn % (SERVICES - 1);
                                int gone = turn / (SERVICES - 1) % 2 == 0 ? 1 : 0;
                                api.put(
                                        "endpointslices",
                                        "s" + service + "-1",
                                        slice(service, ENDPOINTS - gone));
                                LockSupport.parkNanos(
                                        TimeUnit.SECONDS.toNanos(1) / BACKGROUND_PER_SECOND);
                            }
                        });
        Duration before = cpu(agent);
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < CHANGES; i++) {
            boolean toB = i % 2 == 0;
            long start = System.nanoTime();
            lead(api, toB ? b : a);
            awaitUsed(toB ? "b" : "a");
            millis.add(seconds(start) * 1e3);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(i % 50));
        }
        stop.set(true);
        others.join();
        Collections.sort(millis);
        double cpu = cpu(agent).minus(before).toNanos() / 1e6;
        print(
                "change to next connection: p50 %.1f ms, p90 %.1f ms, max %.1f ms; %d others"
                        .formatted(
                                millis.get(CHANGES / 2),
                                millis.get(CHANGES * 9 / 10),
                                millis.getLast(),
                                background[0]));
        print("CPU: %.1f ms each of all changes".formatted(cpu / (CHANGES + background[0])));
    }

    /// Asks far more often than the shortest time there is to tell.
    private static void awaitUsed(String name) throws IOException {
        long start = System.nanoTime();
        while (!ask(vip(0), PORT).equals(name)) {
            assertThat(System.nanoTime() - start).as("the change is used").isLessThan(PATIENCE);
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
        }
    }

    private AgentProcess start(FakeApiServer api) throws IOException {
        return AgentProcess.start(
                "agent",
                "--capture",
                "loopback",
                "--api-server",
                api.uri(),
                "--node-name",
                "n1",
                "--threads",
                2,
                "--healthz-bind-address",
                "off",
                "--metrics-bind-address",
                "off",
                "--run-dir",
                temporary.resolve("run"));
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static void print(String line) {
        System.out.println("scale: " + line);
    }

    private static Duration cpu(AgentProcess agent) {
        return ProcessHandle.of(agent.pid()).orElseThrow().info().totalCpuDuration().orElseThrow();
    }

    /// KiB that live objects take.
    private static long heap(AgentProcess agent) throws Exception {
        jcmd(agent, "GC.run");
        String heap = jcmd(agent, "GC.heap_info").split("Metaspace", -1)[0];
        return USED.matcher(heap).results().mapToLong(m -> Long.parseLong(m.group(1))).sum();
    }

    private static String jcmd(AgentProcess agent, String what) throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(agent.pid()),
                                what)
                        .redirectErrorStream(true)
                        .start();
        return new String(process.getInputStream().readAllBytes(), UTF_8);
    }
}
