package io.fairlead.core;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.BackendStanding;
import io.fairlead.core.balance.AffinityRecord;
import io.fairlead.core.handover.Estate;
import io.fairlead.core.handover.HandedCount;
import io.fairlead.core.handover.HandedFlow;
import io.fairlead.core.handover.HandedSocket;
import io.fairlead.core.kernel.ListeningSockets;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.ServiceEntry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/// What a data plane gives to that of another process. Control thread only, but for [#counts].
final class PlaneEstate implements Estate {

    private final Relays relays;
    private final PlaneCapture capture;
    private final ServedPorts ports;
    private final PlaneTakeOver takeOver;
    private final LongSupplier clock;

    PlaneEstate(
            Relays relays,
            PlaneCapture capture,
            ServedPorts ports,
            PlaneTakeOver takeOver,
            LongSupplier clock) {
        this.relays = relays;
        this.capture = capture;
        this.ports = ports;
        this.takeOver = takeOver;
        this.clock = clock;
    }

    @Override
    public List<HandedSocket> sockets() {
        List<HandedSocket> all = new ArrayList<>();
        capture.held().offer(all::add);
        Set<Integer> known = new HashSet<>();
        all.forEach(socket -> known.add(socket.descriptor()));
        for (ListeningSockets.Listening other : ListeningSockets.ofThisProcess()) {
            if (!known.contains(other.descriptor())) {
                IpAddress address =
                        new IpAddress(
                                other.ipv6() ? IpFamily.IPV6 : IpFamily.IPV4,
                                other.high(),
                                other.low());
                all.add(
                        new HandedSocket(
                                HandedSocket.Kind.OTHER,
                                address,
                                other.port(),
                                other.descriptor()));
            }
        }
        return all;
    }

    @Override
    public List<AffinityRecord> clients(long heardOfNs) {
        List<AffinityRecord> found = new ArrayList<>();
        ports.clients()
                .forEach(
                        clock.getAsLong(),
                        client -> {
                            if (client.ageNs() <= heardOfNs) {
                                found.add(client);
                            }
                        });
        return found;
    }

    @Override
    public List<BackendStanding> standings() {
        long nowNs = clock.getAsLong();
        List<BackendStanding> found = new ArrayList<>();
        for (ServiceEntry entry : ports.view()) {
            for (Backend backend : entry.group().backends()) {
                BackendStanding standing = backend.standing(nowNs);
                if (standing != null) {
                    found.add(standing);
                }
            }
        }
        return found;
    }

    /// Those that other processes relay still are included.
    @Override
    public List<HandedCount> counts() {
        List<HandedCount> found = new ArrayList<>();
        for (ServiceEntry entry : ports.view()) {
            if (entry.port().name().protocol() != Protocol.TCP) {
                continue;
            }
            for (Backend backend : entry.group().backends()) {
                int flows = backend.live();
                if (flows > 0) {
                    found.add(new HandedCount(entry.port().name(), backend.at(), flows));
                }
            }
        }
        return found;
    }

    @Override
    public List<HandedFlow> freeze() {
        return relays.udp().freeze();
    }

    @Override
    public void thaw() {
        relays.udp().thaw();
        capture.held().engage();
        capture.held().repair();
    }

    @Override
    public void leave(boolean hostKept) {
        relays.udp().leave();
        capture.held().leave(hostKept);
        takeOver.dropFormer();
    }
}
