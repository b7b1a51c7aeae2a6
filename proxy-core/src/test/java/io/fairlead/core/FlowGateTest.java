package io.fairlead.core;

import static io.fairlead.core.testing.Eventually.eventually;
import static io.fairlead.core.testing.Services.clusterIp;
import static io.fairlead.core.testing.Services.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.tcp.TcpOptions;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/// The bound on all flows together.
class FlowGateTest {

    @Test
    void clientsBeyondItWaitInTheQueueAndAreServedWhenThereIsRoom() throws IOException {
        PlaneOptions options = PlaneOptions.loopback(2).withTcp(TcpOptions.DEFAULT.withMaxFlows(2));
        AddressPort vip = Loopback.vip();
        try (DataPlane plane = DataPlane.start(options);
                TestServer backend = TestServer.echo()) {
            assertThat(plane.apply(snapshot(clusterIp("web", vip, backend)))).isEmpty();
            try (Socket first = Loopback.connect(vip);
                    Socket second = Loopback.connect(vip)) {
                assertEchoes(first);
                assertEchoes(second);
                try (Socket third = Loopback.connect(vip)) {
                    eventually("the gate is shut", () -> plane.counts().acceptPauses() > 0);
                    third.getOutputStream().write('x');
                    assertThat(plane.liveFlows()).isEqualTo(2);
                    assertEchoes(first);
                    second.shutdownOutput();
                    assertThat(third.getInputStream().read()).isEqualTo('x');
                }
            }
            eventually("no flow", () -> plane.liveFlows() == 0);
        }
    }

    private static void assertEchoes(Socket client) throws IOException {
        client.getOutputStream().write('x');
        assertThat(client.getInputStream().read()).isEqualTo('x');
    }
}
