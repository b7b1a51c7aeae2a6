package io.fairlead.core;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.BackendStanding;
import io.fairlead.core.capture.Acceptor;
import io.fairlead.core.capture.CaptureFailure;
import io.fairlead.core.handover.HandedCount;
import io.fairlead.core.handover.HandedFlow;
import io.fairlead.core.handover.Inheritance;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.table.Frontend;
import io.fairlead.core.table.ServiceEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// How a data plane goes on where that of another process was. Control thread only.
public final class PlaneTakeOver {

    /// How long clients that were on their way to sockets which are not needed any more are still
    /// waited for.
    private static final long FORMER_NS = TimeUnit.SECONDS.toNanos(3);

    private record Place(ServicePortName group, AddressPort backend) {}

    private final Relays relays;
    private final PlaneCapture capture;
    private final ServedPorts ports;
    private final LongSupplier clock;
    private final Map<Place, Backend> lent = new HashMap<>();
    private final List<Acceptor.Listener> former = new ArrayList<>();
    private long formerUntilNs;

    PlaneTakeOver(Relays relays, PlaneCapture capture, ServedPorts ports, LongSupplier clock) {
        this.relays = relays;
        this.capture = capture;
        this.ports = ports;
        this.clock = clock;
    }

    /// Begins to capture by what another process has left, with the table as it is by now. Nobody
    /// is served before [#serve].
    ///
    /// @return what cannot be captured
    /// @throws IOException when the way of capture that is asked for cannot work here
    public List<CaptureFailure> capture(Inheritance inherited) throws IOException {
        capture.begin(new Relays(relays.tcp(), relays.udp(), inherited));
        return capture.failures();
    }

    /// Goes on with flows and with what is known of clients and backends, and serves from here on.
    ///
    /// @return a line about what could not be gone on with; empty where all was
    public String serve(Inheritance inherited) {
        long nowNs = clock.getAsLong();
        ports.clients().restore(inherited.clients(), nowNs);
        for (BackendStanding standing : inherited.standings()) {
            Backend backend = backend(standing.group(), standing.backend());
            if (backend != null) {
                backend.restore(standing, nowNs);
            }
        }
        lend(inherited.counts());
        List<HandedFlow> flows = inherited.takeFlows();
        int adopted = relays.udp().adoptFlows(flows, this::servingBackend);
        adoptFormer(inherited);
        capture.held().engage();
        relays.tcp().startAdopted();
        relays.udp().startAdopted();
        int lost = flows.size() - adopted;
        return (former.isEmpty()
                        ? ""
                        : former.size()
                                + " listening sockets are not needed here; clients on their way to"
                                + " them are waited for")
                + (lost == 0
                        ? ""
                        : (former.isEmpty() ? "" : "; ")
                                + lost
                                + " flows of datagrams end: their Services or endpoints are no more");
    }

    /// What cannot be captured.
    public List<CaptureFailure> failures() {
        return capture.failures();
    }

    /// Sockets of a way of capture that is not this one's, or at frontends that are none any more:
    /// who is in their queues is still let in.
    private void adoptFormer(Inheritance inherited) {
        for (IpFamily family : IpFamily.values()) {
            inherited.takeLed(family).forEach(d -> former.add(relays.tcp().adoptLed(d)));
        }
        for (Frontend frontend : inherited.leftOfTcp()) {
            inherited
                    .takeAt(frontend)
                    .forEach(d -> former.add(relays.tcp().adopt(frontend.at(), d)));
        }
        formerUntilNs = clock.getAsLong() + FORMER_NS;
    }

    /// Closes what nobody can be on the way to any more; every few seconds.
    void maintain() {
        if (!former.isEmpty() && clock.getAsLong() - formerUntilNs >= 0) {
            dropFormer();
        }
    }

    void dropFormer() {
        former.forEach(Acceptor.Listener::close);
        former.clear();
    }

    /// Counts these flows of another process with its backends, in place of those of the last call.
    public void lend(List<HandedCount> counts) {
        Map<Place, Backend> before = new HashMap<>(lent);
        lent.clear();
        for (HandedCount count : counts) {
            Backend backend = backend(count.group(), count.backend());
            if (backend != null) {
                Place place = new Place(count.group(), count.backend());
                backend.lend(count.flows());
                lent.put(place, backend);
                if (backend.equals(before.get(place))) {
                    before.remove(place);
                }
            }
        }
        before.values().forEach(backend -> backend.lend(0));
    }

    private @Nullable Backend backend(ServicePortName group, AddressPort at) {
        ServiceEntry entry = ports.entry(group);
        if (entry == null) {
            return null;
        }
        for (Backend backend : entry.group().backends()) {
            if (backend.at().equals(at)) {
                return backend;
            }
        }
        return null;
    }

    /// Of a flow of datagrams, which goes on with a backend that terminates and still answers.
    private @Nullable Backend servingBackend(HandedFlow flow) {
        ServiceEntry entry = ports.entry(flow.group());
        return entry == null || !entry.serves(flow.backend())
                ? null
                : entry.group().backend(flow.backend());
    }
}
