package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.testing.ApiObjects;
import io.fairlead.k8s.testing.FakeApiServer;
import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.frames.FrameBackend;
import io.fairlead.lab.frames.FrameClient;
import io.fairlead.lab.frames.FrameService;
import io.fairlead.lab.frames.Ledger;
import io.fairlead.lab.frames.Nemesis;
import io.fairlead.lab.frames.Outage;
import io.fairlead.lab.frames.Place;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Clients of a pod and backends in pods of two nodes, an agent as a process between them, and
/// everything around it breaks, the agent itself among it: no byte is lost, doubled or mixed, no
/// flow is cut without a cause, and while the agent runs and one backend of a Service is good,
/// every new flow finds it.
///
/// `-Dfairlead.nemesis.seed=N` draws the same faults again, `-Dfairlead.nemesis.agentSeconds=3600`
/// goes on for an hour.
class AgentNemesisTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final int SECONDS = Integer.getInteger("fairlead.nemesis.agentSeconds", 20);
    private static final int CLIENTS = 12;
    private static final int SERVICES = 3;
    private static final int PORT = 80;

    /// Of the agent: a flood of idle connections is too much for it.
    private static final int DESCRIPTORS = 512;

    private static final int FLOOD = 250;

    /// Each kind of restart comes once in so many seconds.
    private static final int RESTART_SECONDS = 24;

    /// What the agent was told a moment ago may not be in its table yet, by a wide margin.
    private static final long LATE_NS = TimeUnit.SECONDS.toNanos(30);

    private static final List<Path> FAKETIME =
            List.of(
                    Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
                    Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"));

    @TempDir private Path temporary;

    private final long seed = Long.getLong("fairlead.nemesis.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Ledger ledger = new Ledger();
    private final List<FrameService> services = new ArrayList<>();
    private final Map<FrameBackend, Host> hosts = new HashMap<>();
    private FakeApiServer api;
    private AgentProcess agent;
    private Nemesis nemesis;
    private boolean apiIsGone;
    private final Map<FrameClient, Thread> clients = new LinkedHashMap<>();

    private void addService(int number) throws Exception {
        List<FrameBackend> backends = new ArrayList<>();
        for (Host host : List.of(LAB.b1(), LAB.b2(), LAB.b3())) {
            FrameBackend backend = new FrameBackend(ledger, Place.on(host));
            backends.add(backend);
            hosts.put(backend, host);
        }
        String vip = "10.96.7." + (number + 1);
        FrameService service =
                new FrameService(
                        "web-" + number,
                        new InetSocketAddress(InetAddress.ofLiteral(vip), PORT),
                        backends);
        services.add(service);
        api.put("services", service.name(), ApiObjects.service(vip, PORT));
        tell(service);
    }

    /// One slice for each backend.
    private long tell(FrameService service) {
        for (FrameBackend backend : service.backends()) {
            if (service.listed().contains(backend)) {
                api.put("endpointslices", slice(service, backend), json(service, backend));
            } else {
                api.delete("endpointslices", slice(service, backend));
            }
        }
        return LATE_NS;
    }

    private static String slice(FrameService service, FrameBackend backend) {
        return service.name() + "-" + service.backends().indexOf(backend);
    }

    private static String json(FrameService service, FrameBackend backend) {
        return ApiObjects.slice(
                service.name(), backend.at().getAddress().getHostAddress(), backend.at().getPort());
    }

    // The agent.

    private AgentProcess start() throws Exception {
        Path faketime =
                FAKETIME.stream()
                        .filter(Files::exists)
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("install libfaketime"));
        return AgentProcess.runOn(
                List.of(
                        "prlimit",
                        "--nofile=" + DESCRIPTORS + ":" + DESCRIPTORS,
                        "env",
                        "LD_PRELOAD=" + faketime,
                        "FAKETIME_TIMESTAMP_FILE=" + temporary.resolve("clock"),
                        "FAKETIME_CACHE_DURATION=1",
                        // The clock that steps is the one that has a date.
                        "FAKETIME_DONT_FAKE_MONOTONIC=1",
                        "FAKETIME_FORCE_MONOTONIC_FIX=0"),
                LAB.n1(),
                "agent",
                "--api-server",
                api.uri(),
                "--node-name",
                "n1",
                "--capture",
                "bpf",
                "--service-cidr",
                Lab.SERVICE_CIDR,
                "--cluster-cidr",
                Lab.POD_CIDR,
                "--run-dir",
                temporary.resolve("run"));
    }

    private void stepClock(String offset) throws IOException {
        Path draft = Files.writeString(temporary.resolve("clock.draft"), offset + "\n");
        Files.move(draft, temporary.resolve("clock"), StandardCopyOption.ATOMIC_MOVE);
    }

    /// Tells it to stop: what it serves comes to its end, and then another one starts.
    private void stopAndStart() throws Exception {
        nemesis.mendAll();
        Outage outage = ledger.outage("agent stopped", false);
        agent.terminate();
        int code = agent.exitCode();
        assertThat(code).as("seed %d: %s", seed, agent.output()).isZero();
        assertThat(agent.output()).anyMatch(l -> l.contains("stops; no flow was open"));
        restart(outage);
    }

    private void killAndStart() throws Exception {
        nemesis.mendAll();
        Outage outage = ledger.outage("agent killed", true);
        agent.kill();
        outage.gone();
        restart(outage);
    }

    private void restart(Outage outage) throws Exception {
        agent.close();
        agent = start().awaitServing();
        outage.over();
    }

    // Faults beside those of backends.

    private void addFaults() {
        nemesis.may(
                1,
                "API gone",
                () -> {
                    if (!apiIsGone) {
                        apiIsGone = true;
                        api.goAway();
                        nemesis.later(200, 3_000, this::comeBack);
                    }
                });
        nemesis.may(
                1,
                "API silent",
                () -> {
                    api.hang();
                    nemesis.later(200, 2_000, api::answerAgain);
                    nemesis.later(
                            200,
                            2_000,
                            () -> List.of("services", "endpointslices").forEach(api::endWatches));
                });
        nemesis.may(
                2,
                "API denies everything",
                () -> {
                    List<String> all = List.of("services", "endpointslices");
                    all.forEach(r -> api.deny(r, true));
                    relist();
                    nemesis.later(
                            200,
                            2_000,
                            () -> {
                                all.forEach(r -> api.deny(r, false));
                                relist();
                            });
                });
        nemesis.may(1, "API talks nonsense", () -> api.sendNonsense("endpointslices", "{\"typ"));
        nemesis.may(1, "API fails", () -> api.sendError("services", 500));
        nemesis.may(
                2,
                "API says what is no longer so",
                () -> {
                    FrameService service = nemesis.service();
                    FrameBackend backend = nemesis.expendable(service);
                    String name = slice(service, backend);
                    api.sendStale("endpointslices", name, json(service, backend), 1);
                });
        nemesis.may(2, "relisted", this::relist);
        nemesis.may(2, "swallowed SYN", this::swallow);
        nemesis.may(1, "flooded", this::flood);
        nemesis.may(
                2,
                "clock stepped",
                () -> stepClock(List.of("-3600", "+3600", "+0").get(nemesis.draw(3))));
    }

    private void comeBack() throws Exception {
        apiIsGone = false;
        LAB.n1()
                .run(() -> {
                    api.comeBack();
                    return true;
                });
    }

    private void relist() {
        api.compact();
        api.sendGone("services");
        api.sendGone("endpointslices");
    }

    /// A backend's node drops whatever asks for a connection.
    private void swallow() {
        FrameBackend backend = nemesis.expendable(nemesis.service());
        Host host = hosts.get(backend);
        if (host != null) {
            host.exec(
                    "nft",
                    "add rule ip nemesis input tcp dport "
                            + backend.at().getPort()
                            + " tcp flags & (syn|ack) == syn drop");
            nemesis.later(300, 2_500, () -> host.exec("nft", "flush chain ip nemesis input"));
        }
    }

    /// More connections than the agent has descriptors for; clients wait behind them.
    private void flood() throws Exception {
        if (nemesis.draw(3) > 0) {
            return;
        }
        FrameService service = nemesis.service();
        List<Socket> flood = new ArrayList<>();
        try {
            LAB.p1()
                    .run(() -> {
                        for (int i = 0; i < FLOOD; i++) {
                            Socket socket = new Socket();
                            flood.add(socket);
                            socket.connect(service.vip(), 10_000);
                        }
                        return true;
                    });
            LockSupport.parkNanos(nemesis.nanos(200, 600));
        } finally {
            for (Socket socket : flood) {
                socket.close();
            }
        }
    }

    @BeforeEach
    void begin() throws Exception {
        System.out.println("agent nemesis: seed " + seed + ", " + SECONDS + " s");
        stepClock("+0");
        for (Host host : List.of(LAB.b1(), LAB.b2(), LAB.b3())) {
            host.exec("nft", "add table ip nemesis");
            host.exec("nft", "add chain ip nemesis input { type filter hook input priority 0 ; }");
        }
        api = LAB.n1().run(() -> new FakeApiServer(Thread.ofPlatform().daemon().factory()));
        api.put("nodes", "n1", ApiObjects.node("z"));
        for (int i = 0; i < SERVICES; i++) {
            addService(i);
        }
        agent = start();
        nemesis = new Nemesis(services, ledger, this::tell, random.nextLong());
        addFaults();
    }

    @Test
    void nothingIsLost() throws Exception {
        agent.awaitServing();
        torment();
        System.out.println("agent nemesis: " + ledger);
        assertThat(ledger.violations()).as("seed %d", seed).isEmpty();
        assertThat(ledger.counted("whole")).as("flows that came through").isPositive();
        agent.terminate();
        assertThat(agent.exitCode()).isZero();
        assertThat(agent.output())
                .anyMatch(l -> l.contains("stops; no flow was open"))
                .noneMatch(l -> l.startsWith("\tat "));
    }

    private void torment() throws Exception {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        for (int i = 0; i < CLIENTS; i++) {
            FrameClient client =
                    new FrameClient(services, ledger, Place.on(LAB.p1()), random.nextLong(), endNs);
            clients.put(client, Thread.ofVirtual().start(client));
        }
        int rounds = Math.max(1, SECONDS / RESTART_SECONDS);
        long roundNs = TimeUnit.SECONDS.toNanos(SECONDS) / rounds;
        for (int round = 0; round < rounds; round++) {
            // At the end of a third and of two thirds of each round, whatever restarting took.
            nemesis.run(System.nanoTime() + roundNs / 4);
            stopAndStart();
            nemesis.run(System.nanoTime() + roundNs / 4);
            killAndStart();
            nemesis.run(System.nanoTime() + roundNs / 4);
        }
        nemesis.run(endNs);
        stopClients();
    }

    private void stopClients() throws InterruptedException {
        clients.keySet().forEach(FrameClient::stop);
        for (Thread client : clients.values()) {
            client.join();
        }
    }

    @AfterEach
    void end() throws Exception {
        agent.close();
        api.close();
        for (FrameBackend backend : hosts.keySet()) {
            backend.close();
        }
        stopClients();
    }
}
