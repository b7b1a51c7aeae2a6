package io.fairlead.core.kernel;

import static io.fairlead.core.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.core.kernel.NetworkChanges.Kind;
import io.fairlead.core.testing.Namespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the kernel tells of the node's network; needs root.
class NetworkChangesTest {

    private final Namespace node = new Namespace();
    private final Semaphore changes = new Semaphore(0);

    @AfterEach
    void endTheNamespace() {
        node.close();
    }

    private NetworkChanges follow(Kind kind) {
        return node.call(() -> NetworkChanges.follow(kind, changes::release));
    }

    private void assertToldOf(String... lines) throws InterruptedException {
        changes.drainPermits();
        node.ip(lines);
        assertThat(changes.tryAcquire(1, TimeUnit.MINUTES)).as(String.join("; ", lines)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1/32", "2001:db8::1/128"})
    void addressesThatComeAndGoAreTold(String address) throws Exception {
        try (NetworkChanges following = follow(Kind.ADDRESSES)) {
            assertToldOf("addr add " + address + " dev lo");
            assertToldOf("addr del " + address + " dev lo");
            assertThat(following.isAlive()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1/32", "2001:db8::1/128"})
    void routesOfPodsAreToldByChoice(String route) throws Exception {
        node.ip("link add pod1 type veth peer name pod", "link set pod1 up", "link set pod up");
        try (NetworkChanges _ = follow(Kind.ADDRESSES_AND_ROUTES)) {
            assertToldOf("route add " + route + " dev pod1");
            assertToldOf("route del " + route + " dev pod1");
            assertToldOf("route add " + route + " dev pod1");
            assertToldOf("link del pod1");
        }
    }

    @Test
    void theAgentsOwnRoutesAreNot() throws Exception {
        // Without an address of its own making, which comes when it likes.
        node.ip(
                "link add pod1 type veth peer name pod",
                "link set pod1 addrgenmode none",
                "link set pod addrgenmode none",
                "link set pod up",
                "link set pod1 up");
        eventually("the kernel has made its own routes", this::hasRoutesOfLinks);
        try (NetworkChanges _ = follow(Kind.ADDRESSES_AND_ROUTES)) {
            for (int i = 1; i <= 5; i++) {
                node.ip("route add local 203.0.113." + i + " dev lo proto 102");
            }
            // Told in the order of events: what was before it has been passed over.
            node.ip("route add 192.0.2.1/32 dev pod1");
            assertThat(changes.tryAcquire(1, TimeUnit.MINUTES)).isTrue();
            assertThat(changes.availablePermits()).isZero();
        }
    }

    private boolean hasRoutesOfLinks() {
        String routes = node.exec("ip", "-6", "route", "show", "table", "local");
        return routes.contains("dev pod ") && routes.contains("dev pod1 ");
    }

    /// A report may be lost then: it must be as good as a change.
    @Test
    void whoIsSlowMissesNothing() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        try (NetworkChanges following =
                node.call(() ->
                        NetworkChanges.follow(
                                Kind.ADDRESSES,
                                () -> {
                                    try {
                                        slow.await();
                                    } catch (InterruptedException e) {
                                        throw new IllegalStateException(e);
                                    }
                                    changes.release();
                                }))) {
            StringBuilder batch = new StringBuilder();
            for (int i = 0; i < 1000; i++) {
                batch.append("addr add 10.1.%d.%d/32 dev lo\n".formatted(i >> 8, i & 255));
            }
            Path file = Files.createTempFile("addresses", ".ip");
            Files.writeString(file, batch);
            node.exec("ip", "-batch", file.toString());
            Files.delete(file);
            slow.countDown();
            assertToldOf("addr add 192.0.2.1/32 dev lo");
            assertThat(following.isAlive()).isTrue();
        }
    }

    @Test
    void closingEndsItWithoutAnotherChange() {
        NetworkChanges following = follow(Kind.ADDRESSES);
        following.close();
        eventually("it ends", () -> !following.isAlive());
        assertThat(changes.availablePermits()).isZero();
    }
}
