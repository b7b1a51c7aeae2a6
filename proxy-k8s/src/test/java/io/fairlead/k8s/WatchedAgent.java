package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.testing.ApiObjects;
import io.fairlead.k8s.testing.FakeApiServer;
import io.fairlead.k8s.testing.Prometheus;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// One agent with Services of all kinds, few descriptors and faults on request, and a Prometheus
/// that watches it.
final class WatchedAgent {

    static final int PORT = 8080;
    private static final int FEW_DESCRIPTORS = 400;

    // VIPs.
    static final String GOOD = "127.9.11.1";
    static final String HALF = "127.9.11.2";
    static final String SLOW = "127.9.11.3";
    private static final String HELD = "127.9.11.4";
    private static final String UDP = "127.9.11.5";
    static final String ELSEWHERE = "127.9.11.6";
    static final String BROKEN = "127.9.11.7";
    static final String TAKEN = "127.9.11.8";

    private final Path temporary;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private final FakeApiServer api;
    private final AgentProcess agent;
    private final Prometheus prometheus;
    private final Path config;
    private final int answering;

    /// Starts all.
    ///
    /// @param temporary a folder for what they write
    /// @param rules of the alerts
    WatchedAgent(Path temporary, String rules) throws Exception {
        this.temporary = temporary;
        try {
            World world = keep(new World(Files.createDirectory(temporary.resolve("unused"))));
            answering = world.backend("127.0.0.1", "answer");
            api = keep(new FakeApiServer());
            api.put("nodes", "n1", ApiObjects.node("z"));
            put("good", GOOD, answering);
            put("half", HALF, answering);
            api.put("endpointslices", "half-2", ApiObjects.slice("half", "127.0.0.1", refusing()));
            put("slow", SLOW, answering);
            api.put(
                    "endpointslices",
                    "slow-2",
                    ApiObjects.slice("slow", "127.0.0.1", unanswering()));
            put("broken", BROKEN, refusing());
            put("held", HELD, keep(World.echo()).getLocalPort());
            api.put("services", "udp", datagrams(ApiObjects.service(UDP, PORT)));
            api.put(
                    "endpointslices",
                    "udp-1",
                    datagrams(ApiObjects.slice("udp", "127.0.0.1", echoDatagrams())));
            config = temporary.resolve("config.yaml");
            configure("10ms");
            int metrics = freePort();
            agent =
                    keep(
                            AgentProcess.startUnder(
                                            List.of(
                                                    "prlimit",
                                                    "--nofile="
                                                            + FEW_DESCRIPTORS
                                                            + ":"
                                                            + FEW_DESCRIPTORS),
                                            "agent",
                                            "--config",
                                            config,
                                            "--run-dir",
                                            temporary.resolve("run"),
                                            "--api-server",
                                            api.uri(),
                                            "--healthz-bind-address",
                                            "off",
                                            "--metrics-bind-address",
                                            "127.0.0.1:" + metrics)
                                    .awaitServing());
            prometheus =
                    keep(
                            Prometheus.start(
                                    Files.createDirectory(temporary.resolve("prometheus")),
                                    rules,
                                    "127.0.0.1:" + metrics,
                                    List.of("fairlead", "kube-proxy")));
        } catch (Exception | Error e) {
            end();
            throw e;
        }
    }

    <T extends AutoCloseable> T keep(T resource) {
        open.addFirst(resource);
        return resource;
    }

    /// Ends all, in reverse order.
    void end() throws Exception {
        clients.shutdownNow();
        for (AutoCloseable resource : open) {
            resource.close();
        }
    }

    void configure(String minInterval) throws IOException {
        Path draft =
                Files.writeString(
                        temporary.resolve("draft"),
                        """
                        apiVersion: fairlead.io/v1alpha1
                        kind: FairleadConfiguration
                        nodeName: n1
                        threads: 2
                        capture: {mode: loopback}
                        sync: {minInterval: %s}
                        flows: {affinityClients: 1024}
                        udp: {maxFlows: 50}
                        """
                                .formatted(minInterval));
        Files.move(draft, config, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    void put(String service, String vip, int backend) {
        api.put("services", service, ApiObjects.service(vip, PORT));
        api.put("endpointslices", service + "-1", ApiObjects.slice(service, "127.0.0.1", backend));
    }

    private static String datagrams(String json) {
        return json.replace("TCP", "UDP")
                .replace("\"type\":\"ClusterIP\"", "\"sessionAffinity\":\"ClientIP\"");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static int refusing() throws IOException {
        return freePort();
    }

    /// A port whose accept queue is full.
    private int unanswering() throws IOException {
        ServerSocket full = keep(new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1")));
        for (int i = 0; i < 4; i++) {
            SocketChannel channel = keep(SocketChannel.open());
            channel.configureBlocking(false);
            boolean _ = channel.connect(full.getLocalSocketAddress());
        }
        return full.getLocalPort();
    }

    private int echoDatagrams() throws IOException {
        DatagramSocket server =
                keep(
                        new DatagramSocket(
                                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0)));
        Thread.ofVirtual()
                .start(() -> {
                    DatagramPacket packet = new DatagramPacket(new byte[64], 64);
                    try {
                        while (true) {
                            server.receive(packet);
                            server.send(packet);
                        }
                    } catch (IOException _) {
                        // Closed.
                    }
                });
        return server.getLocalPort();
    }

    /// A client that does not mind what becomes of it.
    static void visit(String vip) {
        try {
            World.ask(vip, PORT);
        } catch (IOException _) {
            // As some do.
        }
    }

    void visitAtOnce(String vip, int count) {
        for (int i = 0; i < count; i++) {
            var _ = clients.submit(() -> visit(vip));
        }
    }

    /// A datagram of a client address that nobody else has.
    static void sendFrom(int client) throws IOException {
        byte[] address = {127, 77, (byte) (client >> 8), (byte) client};
        try (DatagramSocket socket =
                new DatagramSocket(new InetSocketAddress(InetAddress.getByAddress(address), 0))) {
            socket.send(new DatagramPacket(new byte[9], 9, InetAddress.ofLiteral(UDP), PORT));
        }
    }

    /// A slice whose endpoint moved, by its annotation, so many seconds ago.
    void changeSlice(int secondsAgo) {
        api.put(
                "endpointslices",
                "good-1",
                ApiObjects.slice("good", "127.0.0.1", answering)
                        .replace(
                                "},\"addressType\"",
                                "}annotations:{\"endpoints.kubernetes.io/last-change-trigger-time\":\""
                                        + Instant.now().minusSeconds(secondsAgo)
                                        + "\"},\"addressType\"")
                        .replace(
                                "\"conditions\"",
                                "\"nodeName\":\"n" + System.nanoTime() + "\",\"conditions\""));
    }

    void annotate(String service, String vip, String annotation, String value) {
        api.put(
                "services",
                service,
                "labels:{}annotations:{\""
                        + annotation
                        + "\":\""
                        + value
                        + "\"}"
                        + ApiObjects.service(vip, PORT));
    }

    /// A bit of everything that an agent does in a day.
    void live() throws IOException {
        annotate("held", HELD, "fairlead.io/max-connections", "1");
        for (int round = 0; round < 4; round++) {
            visit(GOOD);
            visit(HALF);
            sendFrom(round);
            changeSlice(0);
        }
        try (Socket one = new Socket(InetAddress.ofLiteral(HELD), PORT);
                Socket another = new Socket(InetAddress.ofLiteral(HELD), PORT)) {
            say(one);
            say(another);
        }
    }

    private static void say(Socket socket) {
        try {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(1);
            var _ = socket.getInputStream().read();
        } catch (IOException _) {
            // The one too many.
        }
    }

    /// As a machine does that has too much to do.
    void stopForAMoment() {
        try {
            for (String signal : List.of("-STOP", "-CONT")) {
                assertThat(
                                new ProcessBuilder("kill", signal, Long.toString(agent.pid()))
                                        .start()
                                        .waitFor())
                        .isZero();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(400)); // that is the fault
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    FakeApiServer api() {
        return api;
    }

    AgentProcess process() {
        return agent;
    }

    Prometheus prometheus() {
        return prometheus;
    }

    /// Where a backend answers.
    int answering() {
        return answering;
    }
}
