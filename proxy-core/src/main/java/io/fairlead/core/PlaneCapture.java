package io.fairlead.core;

import io.fairlead.core.capture.CaptureFailure;
import io.fairlead.core.capture.CaptureMode;
import io.fairlead.core.capture.Captures;
import io.fairlead.core.capture.HeldCapture;
import io.fairlead.core.capture.HostRoutes;
import io.fairlead.core.flow.ClientAddresses;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.table.Frontend;
import io.fairlead.core.table.VipTable;
import io.fairlead.core.transport.ClientAddress;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How clients arrive at a data plane, and what the host is told for their sake. Control thread
/// only.
///
/// Whenever the host may have changed, event loops are told which addresses of clients it allows.
final class PlaneCapture implements AutoCloseable {

    private static final long REPAIR_INTERVAL_NS = TimeUnit.SECONDS.toNanos(30);

    private final HeldCapture capture = new HeldCapture();
    private final CaptureMode mode;
    private final boolean keepClients;
    private final ClientAddresses clientAddresses;
    private @Nullable HostRoutes host;
    private String clientDescription = "";
    private long lastRepairNs;

    /// @param clientAddresses to tell event loops by
    PlaneCapture(PlaneOptions options, ClientAddresses clientAddresses) {
        this.mode = options.capture();
        this.keepClients = options.keepClientAddress();
        this.clientAddresses = clientAddresses;
        this.lastRepairNs = options.clock().getAsLong();
    }

    /// Begins, with all that was asked for until now.
    ///
    /// @throws IOException when the way that is asked for cannot work here
    void begin(Relays relays) throws IOException {
        capture.open(() -> Captures.open(mode, relays, this::hostRoutes, relays.inherited()));
        clientDescription = ClientDescription.of(host, keepClients);
        followHost();
    }

    private HostRoutes hostRoutes(CaptureMode chosen) {
        HostRoutes made = new HostRoutes(chosen, keepClients && ClientAddress.isPermitted());
        host = made;
        return made;
    }

    private void followHost() {
        if (host != null) {
            clientAddresses.allow(host.returnFamilies(), host.unreturnable());
        }
    }

    void add(Collection<VipTable.Row> rows) {
        capture.add(rows);
    }

    void remove(Collection<Frontend> frontends) {
        capture.remove(frontends);
    }

    void follow(NodeNetwork node, Collection<IpAddress> added, Collection<IpAddress> removed) {
        capture.follow(node, added, removed);
        followHost();
    }

    /// Tries again what failed, and now and then looks whether the host is as it should be.
    void maintain(long nowNs) {
        capture.retry();
        if (nowNs - lastRepairNs >= REPAIR_INTERVAL_NS) {
            lastRepairNs = nowNs;
            capture.repair();
            followHost();
        }
    }

    List<CaptureFailure> failures() {
        return capture.failures();
    }

    /// What another process can go on with.
    HeldCapture held() {
        return capture;
    }

    boolean keepsHost() {
        return host != null;
    }

    /// How clients reach us, whose address backends see, and why so.
    String description() {
        return capture.description() + "; " + clientDescription;
    }

    /// What is wrong with this node for VIP traffic, one line each.
    List<String> hostProblems() {
        return host == null
                ? List.of()
                : Stream.concat(host.failures().stream(), host.conflicts().stream()).toList();
    }

    /// Once it is closed: what of ours is left in the kernel, one line each.
    List<String> leftovers() {
        return host == null ? List.of() : host.failures();
    }

    @Override
    public void close() {
        capture.close();
    }
}
