package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.flow.FlowDecision;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.BackendSpec;
import io.fairlead.core.service.Balancing;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.service.Vip;
import io.fairlead.core.table.BackendPool;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is told of a connection beforehand, limits included, against what its client then sees.
class ForetoldFlowsTest {

    /// With ten seeds, 10,000 connections.
    private static final int CONNECTIONS = 1_000;

    private static final int SERVICES = 30;
    private static final int BACKENDS = 6;
    private static final int MOST_OPEN = 40;
    private static final int NOBODY = -1;
    private static final Balancing.Policy[] POLICIES = Balancing.Policy.values();

    private final AtomicLong nowNs = new AtomicLong(1_000_000_000_000L);

    @RegisterExtension private final RunningPlane running = new RunningPlane(nowNs::get);

    private final DataPlane plane = running.plane();
    private final Deque<Socket> open = new ArrayDeque<>();
    private final List<TestServer> backends =
            IntStream.range(0, BACKENDS).mapToObj(ForetoldFlowsTest::backend).toList();

    private int refusedByLimit;

    /// Says which one it is, and stays for as long as its client does.
    private static TestServer backend(int number) {
        return TestServer.start(connection -> {
            connection.getOutputStream().write(number);
            connection.getInputStream().transferTo(OutputStream.nullOutputStream());
        });
    }

    @AfterEach
    void close() throws IOException {
        while (!open.isEmpty()) {
            open.remove().close();
        }
        running.awaitIdle();
        backends.forEach(TestServer::close);
    }

    @ParameterizedTest
    @MethodSource("io.fairlead.core.testing.Seeds#few")
    void whatIsToldIsWhatThenHappens(long seed) throws IOException {
        Random random = new Random(seed);
        List<ServicePort> ports =
                IntStream.range(0, SERVICES).mapToObj(i -> port(i, random)).toList();
        assertThat(plane.apply(ServiceSnapshot.of(ports, NodeNetwork.EMPTY))).isEmpty();
        for (int i = 0; i < CONNECTIONS; i++) {
            nowNs.addAndGet(TimeUnit.MILLISECONDS.toNanos(random.nextInt(100)));
            List<Vip> vips = ports.get(random.nextInt(SERVICES)).vips();
            connect(random, vips.get(random.nextInt(vips.size())).at());
        }
        assertThat(refusedByLimit).as("connections beyond a limit").isPositive();
    }

    private void connect(Random random, AddressPort vip) throws IOException {
        Socket client = new Socket();
        IpAddress address = IpAddress.parse("127.0.0." + (2 + random.nextInt(20)));
        client.bind(new InetSocketAddress(InetAddress.ofLiteral(address.toString()), 0));
        FlowDecision told = plane.decide(Protocol.TCP, address, client.getLocalPort(), vip);
        follow(told, answer(client, vip));
        if (random.nextInt(3) == 0) {
            open.add(client);
        } else {
            client.close();
        }
        if (open.size() > MOST_OPEN) {
            open.remove().close();
        }
        settle();
    }

    /// Which backend answers; [#NOBODY] when the client is refused or reset.
    private static int answer(Socket client, AddressPort vip) throws IOException {
        try {
            client.setSoTimeout(60_000);
            client.connect(new InetSocketAddress(vip.address().toInetAddress(), vip.port()));
            return client.getInputStream().read();
        } catch (IOException e) {
            assertThat(e).hasMessageMatching(".*(refused|reset).*");
            client.close();
            return NOBODY;
        }
    }

    private void follow(FlowDecision told, int answered) {
        BackendPool pool = told.pool();
        if (pool == null || told.limit() != null) {
            assertThat(answered).describedAs("%s", told.limit()).isEqualTo(NOBODY);
            refusedByLimit += told.limit() == null ? 0 : 1;
            return;
        }
        assertThat(answered).isNotEqualTo(NOBODY);
        AddressPort at = backends.get(answered).at();
        assertThat(IntStream.range(0, pool.size()).mapToObj(i -> pool.backend(i).at()))
                .contains(at);
        if (told.backend() != null) {
            assertThat(told.backend().at()).isEqualTo(at);
        }
    }

    /// What has ended is counted no more.
    private void settle() {
        open.removeIf(Socket::isClosed);
        eventually("those that ended are gone", () -> plane.liveFlows() == open.size());
        // Each loop answers, so it is through with what it did before.
        assertThat(plane.counts().heldBlocks()).isZero();
    }

    private ServicePort port(int number, Random random) {
        BackendSet external = set(random);
        return new ServicePort(
                        new ServicePortName(
                                "default", "s" + number, "", Protocol.TCP, IpFamily.IPV4),
                        List.of(
                                new Vip(Vip.Kind.CLUSTER_IP, Loopback.vip()),
                                new Vip(Vip.Kind.LOAD_BALANCER, Loopback.vip())),
                        new Balancing(
                                POLICIES[number % POLICIES.length],
                                random.nextInt(3) == 0 ? 125 : 0),
                        random.nextInt(3) == 0 ? OptionalInt.of(10) : OptionalInt.empty(),
                        set(random),
                        external,
                        external,
                        false,
                        Set.of(),
                        random.nextInt(3) == 0 ? List.of(Cidr.parse("127.0.0.0/29")) : List.of(),
                        FlowRules.NONE)
                .withFlows(rules(random));
    }

    private static FlowRules rules(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> FlowRules.NONE.withMaxFlows(1 + random.nextInt(2));
            case 1 -> FlowRules.NONE.withMaxFlowsPerClient(1);
            case 2 -> FlowRules.NONE.withFlowRatePerClient(1);
            default -> FlowRules.NONE;
        };
    }

    private BackendSet set(Random random) {
        List<BackendSpec> chosen = new ArrayList<>();
        for (TestServer backend : backends) {
            if (random.nextBoolean()) {
                chosen.add(new BackendSpec(backend.at(), 1 + random.nextInt(3)));
            }
        }
        return chosen.isEmpty() ? BackendSet.REJECT : BackendSet.forward(chosen);
    }
}
