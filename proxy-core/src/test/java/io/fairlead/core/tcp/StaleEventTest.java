package io.fairlead.core.tcp;

import static io.fairlead.core.testing.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.backend.Attempt;
import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.flow.ClientAddresses;
import io.fairlead.core.flow.ClientLimits;
import io.fairlead.core.flow.ClosedFlows;
import io.fairlead.core.flow.FlowTuple;
import io.fairlead.core.flow.RefusedDials;
import io.fairlead.core.service.FlowRules;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.table.PublishedTable;
import io.fairlead.core.testing.FullBacklog;
import io.fairlead.core.transport.EventLoops;
import io.fairlead.core.transport.PipeBudget;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.LinuxSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Events that were meant for an earlier socket of the same descriptor.
///
/// epoll hands out many events at once; a flow that ends while they are handled frees descriptors,
/// which a new flow gets, and then the rest of the events with them.
class StaleEventTest {

    /// All that an event can say.
    private static final int EVERYTHING = 0x001 | 0x002 | 0x004 | 0x008 | 0x010 | 0x2000;

    private final EventLoops loops = EventLoops.epoll(1);
    private final IoEventLoop eventLoop = loops.loops().getFirst();
    private final TcpLoop loop =
            new TcpLoop(
                    0,
                    eventLoop,
                    new PublishedTable(),
                    ReceiveWindow.probe(),
                    new RefusedDials(),
                    new ClientAddresses(),
                    new ClosedFlows(),
                    new ClientLimits(),
                    new PeerChecks(Duration.ZERO, Duration.ZERO),
                    ConnectOptions.DEFAULT,
                    RelayMode.ADAPTIVE,
                    new PipeBudget(),
                    () -> 0);

    @AfterEach
    void stop() {
        loops.close();
        loop.close();
    }

    @Test
    void beforeTheUpstreamIsConnectedTheyDoNoHarm() throws Exception {
        byte[] data = "data".getBytes(UTF_8);
        try (FullBacklog backend = new FullBacklog();
                ServerSocket front = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            LinuxSocket client = LinuxSocket.newSocketStream(false);
            client.connect(new InetSocketAddress(front.getInetAddress(), front.getLocalPort()));
            try (Socket peer = front.accept()) {
                TcpFlow flow = start(client, backend);
                peer.getOutputStream().write(data);
                peer.shutdownOutput();
                for (int i = 0; i < 10; i++) {
                    stale(flow.client());
                    stale(requireNonNull(flow.upstream()));
                }
                assertThat(flow.isConnected()).isFalse();
                assertThat(flow.isEnded()).isFalse();
                try (Socket connection = backend.open()) {
                    assertThat(connection.getInputStream().readAllBytes()).isEqualTo(data);
                    stale(flow.client());
                    stale(requireNonNull(flow.upstream()));
                    connection.getOutputStream().write(data);
                }
                assertThat(peer.getInputStream().readAllBytes()).isEqualTo(data);
            }
            eventually("the flow ends", () -> loop.counters().live() == 0);
            assertThat(loop.heldBlocks()).isZero();
        }
    }

    private TcpFlow start(LinuxSocket client, FullBacklog backend) throws Exception {
        ServicePortName name =
                new ServicePortName("default", "web", "", Protocol.TCP, IpFamily.IPV4);
        Backend target = new BackendGroup(name).backend(backend.at());
        return eventLoop
                .submit(() -> {
                    LinuxSocket upstream = LinuxSocket.newSocketStream(false);
                    TcpFlow flow =
                            new TcpFlow(
                                    loop,
                                    client,
                                    new FlowTuple(),
                                    target,
                                    Attempt.NORMAL,
                                    FlowRules.NONE);
                    upstream.connect(target.socketAddress());
                    flow.attempt(upstream, 0).watch();
                    flow.client().watch();
                    return flow;
                })
                .get();
    }

    private void stale(FlowSide side) throws Exception {
        eventLoop
                .submit(() -> {
                    if (side.isOpen()) {
                        side.onReady(EVERYTHING);
                    }
                    return true;
                })
                .get();
    }
}
