package io.fairlead.k8s.cli;

import ch.qos.logback.classic.Level;
import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.service.AddressPort;
import io.fairlead.k8s.Agent;
import io.fairlead.k8s.AgentException;
import io.fairlead.k8s.AgentOptions;
import io.fairlead.k8s.FailedIo;
import io.fairlead.k8s.status.BindAddress;
import io.fairlead.k8s.status.StatusOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/// `fairlead training`: runs once through what an agent does, on loopback, so that a JVM that
/// records a start-up cache sees it. Ends by itself within seconds; the build calls it.
@Command(
        name = "training",
        hidden = true,
        description = "Run through what an agent does, to record a start-up cache.",
        mixinStandardHelpOptions = true)
final class TrainingCommand implements Callable<Integer> {

    private static final String NODE = "n1";

    /// Not those of the demo, which may run meanwhile.
    private static final String VIPS = "127.98.0.";

    private static final int SERVICES = 1_000;
    private static final int CHANGES = 300;
    private static final int CONNECTIONS = 600;
    private static final int PORT = 8080;
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /// Not the usual ports, where an agent of this machine may listen.
    private static final StatusOptions STATUS =
            StatusOptions.OFF.withMetrics(BindAddress.parse("127.0.0.1:0"));

    @Override
    public Integer call() throws CommandException {
        org.slf4j.Logger root = LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        if (root instanceof ch.qos.logback.classic.Logger logger) {
            logger.setLevel(Level.WARN);
        }
        try (DemoWorld world = DemoWorld.create(NODE, VIPS)) {
            followManifests(world);
            followApiServer(world);
            return ExitCode.OK;
        } catch (AgentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new CommandException(FailedIo.reason(e), e);
        }
    }

    private static void followManifests(DemoWorld world) throws IOException, AgentException {
        var _ = Main.commandLine().parseArgs("agent", "--manifests", world.manifests().toString());
        AgentOptions options =
                AgentOptions.of(world.manifests(), NODE)
                        .withRunDir(world.runDir())
                        .withStatus(STATUS);
        try (Agent _ = Agent.start(options)) {
            connect(world);
        }
    }

    private static void followApiServer(DemoWorld world) throws IOException, AgentException {
        List<AddressPort> backends = List.copyOf(world.backendNames().keySet());
        int port = backends.getFirst().port();
        try (TrainingApi api = new TrainingApi()) {
            for (DemoWorld.Service service : world.services()) {
                api.service(
                        service.name(), service.vip().address().toString(), service.vip().port());
                api.slice(service.name(), List.of("127.0.0.1"), port);
            }
            for (int i = 0; i < SERVICES; i++) {
                api.service("s" + i, "127.97.%d.%d".formatted(i >> 8, i & 0xff), PORT);
                api.slice("s" + i, pods(i, 10), PORT);
            }
            api.start();
            AgentOptions options =
                    AgentOptions.DEFAULT
                            .with(draft -> {
                                draft.source = draft.source.withApiServers(List.of(api.uri()));
                                draft.nodeName = NODE;
                                draft.capture = draft.capture.withMode(CaptureMode.LOOPBACK);
                            })
                            .withRunDir(world.runDir())
                            .withStatus(STATUS);
            try (Agent _ = Agent.start(options)) {
                awaitService(world.services().getFirst().vip());
                for (int i = 0; i < CHANGES; i++) {
                    api.change("s" + i, pods(i, 9), PORT, 2 + i);
                    ask(world.services().getFirst().vip());
                }
                connect(world);
            }
        }
    }

    private static List<String> pods(int service, int count) {
        return IntStream.range(0, count)
                .map(i -> service * 10 + i)
                .mapToObj(pod ->
                        "10.%d.%d.%d".formatted(128 + (pod >> 16), pod >> 8 & 0xff, pod & 0xff))
                .toList();
    }

    private static void connect(DemoWorld world) throws IOException {
        for (int i = 0; i < CONNECTIONS; i++) {
            ask(world.services().get(i % world.services().size()).vip());
        }
    }

    /// With an API server, an agent has started before it knows of any Service.
    private static void awaitService(AddressPort vip) throws IOException {
        long start = System.nanoTime();
        while (true) {
            try {
                ask(vip);
                return;
            } catch (ConnectException e) {
                if (System.nanoTime() - start > PATIENCE_NANOS) {
                    throw e;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    private static void ask(AddressPort vip) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(
                    new InetSocketAddress(vip.address().toString(), vip.port()), TIMEOUT_MILLIS);
            socket.getOutputStream()
                    .write(
                            "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            if (in.readAllBytes().length == 0) {
                throw new IOException("no answer from " + vip);
            }
        }
    }
}
