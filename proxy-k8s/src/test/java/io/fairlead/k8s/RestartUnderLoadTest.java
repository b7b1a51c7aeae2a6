package io.fairlead.k8s;

import static io.fairlead.k8s.World.service;
import static io.fairlead.k8s.World.slice;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.capture.CaptureMode;
import io.fairlead.lab.Client;
import io.fairlead.lab.Host;
import io.fairlead.lab.Lab;
import io.fairlead.lab.LabExtension;
import io.fairlead.lab.Outcome;
import io.fairlead.lab.WhoAmI;
import io.fairlead.lab.frames.FrameBackend;
import io.fairlead.lab.frames.FrameClient;
import io.fairlead.lab.frames.FrameService;
import io.fairlead.lab.frames.Ledger;
import io.fairlead.lab.frames.Place;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The agent on a node of the lab ends and starts again while clients of a pod talk through it.
///
/// `-Dfairlead.restarts=20` for more of each kind; `-Dfairlead.program=.../bin/fairlead` for the
/// times of a built distribution.
class RestartUnderLoadTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    private static final int RESTARTS = Integer.getInteger("fairlead.restarts", 1);
    private static final int CLIENTS = 8;
    private static final String VIP = "10.96.8.1";
    private static final String WHO = "10.96.8.2";
    private static final int PORT = 80;
    private static final int WHO_PORT = 8080;
    private static final long LOAD_NS = TimeUnit.MILLISECONDS.toNanos(700);
    private static final Duration SHORT = Duration.ofMillis(500);

    @TempDir private Path temporary;

    private final Ledger ledger = new Ledger();
    private final List<Long> servedAfterMillis = new ArrayList<>();
    private Path manifests;

    @BeforeEach
    void makeFolder() throws IOException {
        manifests = Files.createDirectory(temporary.resolve("manifests"));
    }

    private AgentProcess start(CaptureMode mode) throws Exception {
        return AgentProcess.startOn(
                LAB.n1(),
                manifests,
                temporary.resolve("run"),
                "--capture",
                mode.word(),
                "--service-cidr",
                Lab.SERVICE_CIDR,
                "--cluster-cidr",
                Lab.POD_CIDR);
    }

    /// Starts it and measures until a client of a pod is served.
    private AgentProcess startMeasured(CaptureMode mode) throws Exception {
        long startNs = System.nanoTime();
        AgentProcess agent = start(mode);
        Client client = new Client(LAB.p1()).patientFor(SHORT);
        InetSocketAddress who = new InetSocketAddress(InetAddress.ofLiteral(WHO), PORT);
        World.await(
                () -> {
                    try {
                        return client.connect(who) instanceof Outcome.Answered;
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                },
                "a client is served");
        servedAfterMillis.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs));
        return agent.awaitServing();
    }

    private AgentProcess terminate(AgentProcess agent, CaptureMode mode) throws Exception {
        var outage = ledger.outage("agent stopped", false);
        agent.terminate();
        assertThat(agent.exitCode()).isZero();
        assertThat(agent.output()).anyMatch(l -> l.contains("stops; no flow was open"));
        AgentProcess next = startMeasured(mode);
        outage.over();
        return next;
    }

    private AgentProcess kill(AgentProcess agent, CaptureMode mode) throws Exception {
        var outage = ledger.outage("agent killed", true);
        agent.kill();
        outage.gone();
        AgentProcess next = startMeasured(mode);
        outage.over();
        return next;
    }

    /// At SIGTERM nothing is lost that ends within the drain time, at kill -9 what was relayed and
    /// nothing else; and the next start serves.
    @ParameterizedTest
    @EnumSource(
            value = CaptureMode.class,
            names = {"BPF", "LISTENERS"})
    void whatIsLostIsWhatIsSaid(CaptureMode mode) throws Exception {
        List<FrameBackend> backends = new ArrayList<>();
        StringBuilder world = new StringBuilder(service("web", VIP, PORT, ""));
        for (Host host : List.of(LAB.b1(), LAB.b3())) {
            FrameBackend backend = new FrameBackend(ledger, Place.on(host));
            backends.add(backend);
            world.append(slice("web", host.ipv4().getHostAddress(), backend.at().getPort()));
        }
        world.append(service("who", WHO, PORT, ""))
                .append(slice("who", LAB.b1().ipv4().getHostAddress(), WHO_PORT));
        Files.writeString(manifests.resolve("world.yaml"), world);
        FrameService service =
                new FrameService(
                        "web", new InetSocketAddress(InetAddress.ofLiteral(VIP), PORT), backends);
        AgentProcess agent = start(mode).awaitServing();
        List<FrameClient> clients = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        try (WhoAmI _ = WhoAmI.start(LAB.b1(), WHO_PORT)) {
            for (int i = 0; i < CLIENTS; i++) {
                FrameClient client =
                        new FrameClient(
                                List.of(service),
                                ledger,
                                Place.on(LAB.p1()),
                                new Random().nextLong(),
                                System.nanoTime() + Long.MAX_VALUE / 2);
                clients.add(client);
                threads.add(Thread.ofVirtual().start(client));
            }
            for (int i = 0; i < RESTARTS; i++) {
                LockSupport.parkNanos(LOAD_NS);
                agent = terminate(agent, mode);
                LockSupport.parkNanos(LOAD_NS);
                agent = kill(agent, mode);
            }
            LockSupport.parkNanos(LOAD_NS);
            stop(clients, threads);
            System.out.println(
                    "restarts under load, "
                            + mode
                            + ": "
                            + ledger
                            + ", served again after ms "
                            + servedAfterMillis);
            assertThat(ledger.violations()).isEmpty();
            assertThat(ledger.counted("whole")).isPositive();
        } finally {
            agent.close();
            for (FrameBackend backend : backends) {
                backend.close();
            }
            stop(clients, threads);
        }
    }

    private static void stop(List<FrameClient> clients, List<Thread> threads)
            throws InterruptedException {
        clients.forEach(FrameClient::stop);
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
