package io.fairlead.core;

import static io.fairlead.core.testing.Services.external;
import static io.fairlead.core.testing.Services.set;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.BackendSet;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.ServicePort;
import io.fairlead.core.service.ServiceSnapshot;
import io.fairlead.core.service.Vip;
import io.fairlead.core.testing.ByteStream;
import io.fairlead.core.testing.ByteStream.Passed;
import io.fairlead.core.testing.Loopback;
import io.fairlead.core.testing.TestServer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Which of a service port's backend sets serves whom, and the same over IPv6.
///
/// A client on loopback always counts as this node's own (SEMANTICS A5), so the set for clients
/// outside is seen here only in that it does not serve; FlowRouterTest asks with other addresses.
class ExternalTrafficTest {

    @RegisterExtension private final RunningPlane running = new RunningPlane();

    private final TestServer internal = TestServer.named("internal");
    private final TestServer external = TestServer.named("external");
    private final TestServer local = TestServer.named("local");

    @AfterEach
    void stop() {
        internal.close();
        external.close();
        local.close();
    }

    @Test
    void eachKindOfVipIsServedByItsSet() throws IOException {
        AddressPort clusterIp = Loopback.vip();
        AddressPort loadBalancer = Loopback.vip();
        AddressPort externalIp = Loopback.vip();
        AddressPort node = Loopback.vip();
        apply(
                Set.of(node.address()),
                external(
                        "web",
                        List.of(
                                new Vip(Vip.Kind.CLUSTER_IP, clusterIp),
                                new Vip(Vip.Kind.LOAD_BALANCER, loadBalancer),
                                new Vip(Vip.Kind.EXTERNAL_IP, externalIp),
                                Vip.nodePort(IpFamily.IPV4, 30_080)),
                        set(internal),
                        set(external),
                        set(local),
                        List.of()));
        assertThat(ask(clusterIp)).isEqualTo("internal");
        assertThat(ask(loadBalancer)).isEqualTo("local");
        assertThat(ask(externalIp)).isEqualTo("local");
        assertThat(ask(new AddressPort(node.address(), 30_080))).isEqualTo("local");
        // A NodePort stands at the node's addresses and nowhere else.
        assertThatThrownBy(() -> ask(new AddressPort(clusterIp.address(), 30_080)))
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void aNodePortFollowsTheNodesAddresses() throws IOException {
        IpAddress before = Loopback.address();
        IpAddress after = Loopback.address();
        ServicePort port =
                external(
                        "web",
                        List.of(Vip.nodePort(IpFamily.IPV4, 30_081)),
                        null,
                        set(external),
                        set(local),
                        List.of());
        apply(Set.of(before), port);
        assertThat(ask(new AddressPort(before, 30_081))).isEqualTo("local");
        apply(Set.of(after), port);
        assertThat(ask(new AddressPort(after, 30_081))).isEqualTo("local");
        assertThatThrownBy(() -> ask(new AddressPort(before, 30_081)))
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void aVipThatOnlySomeMayUseRefusesTheOthersByReset() {
        AddressPort externalIp = Loopback.vip();
        apply(
                Set.of(),
                external(
                        "web",
                        List.of(new Vip(Vip.Kind.EXTERNAL_IP, externalIp)),
                        null,
                        set(external),
                        BackendSet.DROP,
                        List.of()));
        assertThatThrownBy(() -> ask(externalIp)).hasMessageContaining("Connection reset");
        assertThat(external.accepted()).isZero();
    }

    @Test
    void sourceRangesRefuseOthersByResetAndBindOnlyTheLoadBalancer() throws IOException {
        AddressPort loadBalancer = Loopback.vip();
        AddressPort externalIp = Loopback.vip();
        apply(
                Set.of(),
                external(
                        "web",
                        List.of(
                                new Vip(Vip.Kind.LOAD_BALANCER, loadBalancer),
                                new Vip(Vip.Kind.EXTERNAL_IP, externalIp)),
                        null,
                        set(external),
                        set(local),
                        List.of(Cidr.parse("127.1.2.0/24"), Cidr.parse("fd00::/8"))));
        assertThat(askFrom("127.1.2.3", loadBalancer)).isEqualTo("local");
        assertThatThrownBy(() -> askFrom("127.1.3.3", loadBalancer))
                .hasMessageContaining("Connection reset");
        assertThat(askFrom("127.1.3.3", externalIp)).isEqualTo("local");
    }

    @Test
    void anIpv6VipLeadsToAnIpv6Backend() throws IOException {
        long bytes = 3_000_001;
        CompletableFuture<Passed> seen = new CompletableFuture<>();
        try (TestServer backend =
                TestServer.start(
                        "::1",
                        connection -> {
                            Passed received =
                                    ByteStream.quick(2).receive(connection.getInputStream());
                            seen.complete(received);
                            ByteStream.quick(3).send(connection.getOutputStream(), bytes);
                        })) {
            AddressPort vip = running.serve(Loopback.vip6(), backend);
            try (Socket client = Loopback.connect(vip)) {
                Passed sent = ByteStream.quick(1).send(client.getOutputStream(), bytes);
                client.shutdownOutput();
                assertThat(seen.join()).isEqualTo(sent);
                assertThat(ByteStream.quick(4).receive(client.getInputStream()).bytes())
                        .isEqualTo(bytes);
            }
        }
    }

    @Test
    void ipv6RefusesAndResetsLikeIpv4() {
        AddressPort vip = Loopback.vip6();
        running.serve(vip);
        assertThatThrownBy(() -> ask(vip)).isInstanceOf(ConnectException.class);
        try (TestServer backend = TestServer.start("::1", Loopback::reset)) {
            running.serve(vip, backend);
            assertThatThrownBy(() -> ask(vip)).hasMessageContaining("Connection reset");
        }
    }

    @Test
    void anIpv6NodePortServesBesideTheSamePortOfIpv4() throws IOException {
        AddressPort six = Loopback.vip6();
        IpAddress four = Loopback.address();
        try (TestServer backend = TestServer.start("::1", c -> c.getOutputStream().write('6'))) {
            BackendSet set = set(backend);
            apply(
                    Set.of(six.address(), four),
                    external(
                            "six",
                            List.of(Vip.nodePort(IpFamily.IPV6, six.port())),
                            null,
                            set,
                            set,
                            List.of()),
                    external(
                            "four",
                            List.of(Vip.nodePort(IpFamily.IPV4, six.port())),
                            null,
                            set(external),
                            set(local),
                            List.of()));
            assertThat(ask(six)).isEqualTo("6");
            assertThat(ask(new AddressPort(four, six.port()))).isEqualTo("local");
        }
    }

    private void apply(Set<IpAddress> nodeAddresses, ServicePort... ports) {
        assertThat(
                        running.plane()
                                .apply(
                                        ServiceSnapshot.of(
                                                List.of(ports), NodeNetwork.at(nodeAddresses))))
                .isEmpty();
    }

    private static String ask(AddressPort vip) throws IOException {
        return read(Loopback.connect(vip));
    }

    private static String askFrom(String source, AddressPort vip) throws IOException {
        return read(Loopback.connectFrom(source, vip));
    }

    private static String read(Socket socket) throws IOException {
        try (socket) {
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
