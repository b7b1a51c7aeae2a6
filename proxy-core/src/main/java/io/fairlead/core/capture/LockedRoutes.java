package io.fairlead.core.capture;

import io.fairlead.core.handover.HandedSocket;
import io.fairlead.core.kernel.NamespaceLock;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.NodeNetwork;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Routes that are this process's to make as long as it holds the lock of its network namespace.
final class LockedRoutes implements Routes {

    private final Routes routes;
    private final NamespaceLock lock;

    LockedRoutes(Supplier<Routes> routes, NamespaceLock lock) {
        this.lock = lock;
        this.routes = routes.get();
    }

    @Override
    public void follow(Set<Cidr> wanted, NodeNetwork node) {
        routes.follow(wanted, node);
    }

    @Override
    public void recheck() {
        routes.recheck();
    }

    @Override
    public List<String> failures() {
        return routes.failures();
    }

    @Override
    public void offer(Consumer<HandedSocket> to) {
        to.accept(HandedSocket.of(HandedSocket.Kind.LOCK, IpFamily.IPV4, lock.descriptor()));
    }

    @Override
    public void leave() {
        routes.leave();
        lock.close();
    }

    @Override
    public void close() {
        routes.close();
        lock.close();
    }
}
