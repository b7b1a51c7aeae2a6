package io.fairlead.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Which threads, programs and sockets are in a namespace.
class NetnsTest {

    @RegisterExtension static final LabExtension LAB = LabExtension.standard();

    /// What only the namespace of p1 has.
    private static final String ADDRESS_OF_P1 = "10.244.1.10";

    private static String localAddresses() throws IOException {
        return Files.readString(Path.of("/proc/thread-self/net/fib_trie"));
    }

    @Test
    void aTaskSeesOnlyTheNamespace() throws Exception {
        assertThat(LAB.p1().run(NetnsTest::localAddresses)).contains(ADDRESS_OF_P1);
        assertThat(localAddresses()).doesNotContain(ADDRESS_OF_P1);
    }

    @Test
    void aThreadStartedFromInsideIsInside() throws Exception {
        CompletableFuture<String> seen = new CompletableFuture<>();
        Thread loop =
                LAB.p1()
                        .run(() ->
                                Thread.ofPlatform()
                                        .start(() ->
                                                seen.completeAsync(
                                                        NetnsTest::links, Runnable::run)));
        assertThat(seen.get(10, TimeUnit.SECONDS).lines().map(l -> l.strip().split(":", -1)[0]))
                .contains("lo", "eth0")
                .doesNotContain("veth-p1");
        loop.join();
    }

    private static String links() {
        try {
            return Files.readString(Path.of("/proc/thread-self/net/dev"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aThreadOfTheFactoryEntersWhoeverStartsIt() throws Exception {
        CompletableFuture<String> seen = new CompletableFuture<>();
        Thread thread =
                LAB.n1().netns().threadFactory("loop").newThread(() -> seen.complete(links()));
        thread.start();
        assertThat(seen.get(10, TimeUnit.SECONDS)).contains("veth-p1");
        thread.join();
    }

    @Test
    void aProgramIsInside() {
        assertThat(LAB.p1().exec("ip", "-o", "-4", "address")).contains(ADDRESS_OF_P1 + "/32");
    }

    @Test
    void aProgramThatFailsSaysWhy() {
        assertThatThrownBy(() -> LAB.p1().exec("ip", "route", "add", "nonsense"))
                .hasMessageContaining("ip route add nonsense ended with 1")
                .hasMessageContaining("nonsense");
    }

    @Test
    void aSocketStaysWhereItWasMade() throws Exception {
        try (WhoAmI _ = WhoAmI.start(LAB.b1(), 8080);
                SocketChannel inside = LAB.p1().run(SocketChannel::open);
                SocketChannel outside = SocketChannel.open()) {
            InetSocketAddress to = new InetSocketAddress(LAB.b1().ipv4(), 8080);
            inside.connect(to);
            assertThat(inside.getLocalAddress().toString()).contains(ADDRESS_OF_P1);
            InetSocketAddress ofP1 = new InetSocketAddress(LAB.p1().ipv4(), 0);
            assertThatThrownBy(() -> LAB.p1().run(() -> outside.bind(ofP1)))
                    .isInstanceOf(BindException.class);
        }
    }

    @Test
    void whatATaskThrowsComesOutUnchanged() {
        assertThatThrownBy(() ->
                        LAB.p1()
                                .run(() -> {
                                    throw new ConnectException("as it was");
                                }))
                .isInstanceOf(ConnectException.class)
                .hasMessage("as it was");
    }

    @Test
    void aTaskMayAskForAnother() throws Exception {
        assertThat(LAB.p1().run(() -> LAB.n1().run(NetnsTest::links))).contains("veth-p1");
    }

    /// The trap: Java asks the caller's namespace for IPv4 and /proc/net, which is that of the
    /// process's first thread, for IPv6.
    @Test
    void theInterfacesThatJavaListsAreMixed() throws Exception {
        List<InetAddress> seen =
                LAB.p1()
                        .run(() ->
                                NetworkInterface.networkInterfaces()
                                        .flatMap(NetworkInterface::inetAddresses)
                                        .toList());
        assertThat(seen).contains(LAB.p1().ipv4()).doesNotContain(LAB.p1().ipv6());
    }

    /// The trap: a carrier serves the whole process, so it must not be taken along.
    @Test
    void aVirtualThreadCannotEnter() {
        Path file = Path.of("/run/netns", LAB.p1().netns().name());
        CompletableFuture<Void> entered =
                CompletableFuture.runAsync(
                        () -> Setns.enter(file), task -> Thread.ofVirtual().start(task));
        assertThatThrownBy(entered::join).hasMessageContaining("virtual thread");
    }

    @Test
    void settingsAreThoseOfTheNamespace() {
        assertThat(List.of(LAB.n1(), LAB.p1()))
                .extracting(host -> host.netns().sysctl("net/ipv4/ip_forward"))
                .containsExactly("1", "0");
    }

    @Nested
    class InANestedClass {

        @Test
        void theLabIsThatOfTheOuterClass() throws Exception {
            assertThat(LAB.p1().run(NetnsTest::localAddresses)).contains(ADDRESS_OF_P1);
        }
    }
}
