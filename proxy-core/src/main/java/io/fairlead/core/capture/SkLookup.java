package io.fairlead.core.capture;

import io.fairlead.core.bpf.BpfException;
import io.fairlead.core.bpf.BpfLink;
import io.fairlead.core.bpf.BpfProgram;
import io.fairlead.core.handover.HandedSocket;
import io.fairlead.core.kernel.SocketNames;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.Admission;
import io.fairlead.core.table.ClientClasses;
import io.fairlead.core.table.Frontend;
import io.fairlead.core.table.VipTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Captures with a BPF program that leads clients to one listening socket per event loop and
/// family, whatever the number of frontends (docs/adr/0005-sk-lookup.md).
///
/// Who is refused is refused before any handshake. A process that listens on a frontend's port
/// disturbs nothing, and is not disturbed but for that frontend's clients.
public final class SkLookup implements Capture {

    private static final Logger LOG = LoggerFactory.getLogger(SkLookup.class);

    private final LookupMaps maps;
    private final BpfProgram program;
    private @Nullable BpfLink link;
    private final List<Acceptor.Listener> listeners;
    private final Routes routes;

    /// Answers must leave from the address and port that the client asked, so each UDP frontend has
    /// a socket of its own, which the program lets the kernel find.
    private final BoundListeners datagrams;

    private final String reason;
    private final SocketNames names = new SocketNames();
    private final RangeSets rangeSets;
    private final OwnPrefixes own = new OwnPrefixes();
    private final Map<Frontend, Admission> captured = new HashMap<>();
    private final Map<Frontend, Admission> wanted = new HashMap<>();
    private final Map<Frontend, CaptureFailure> failures = new TreeMap<>();
    private final PrefixSets prefixSets;

    // Whether only the host is still to be left as it was.
    private boolean left;

    private SkLookup(
            LookupMaps maps,
            BpfProgram program,
            @Nullable BpfLink link,
            List<Acceptor.Listener> listeners,
            BoundListeners datagrams,
            Routes routes,
            String reason) {
        this.maps = maps;
        this.program = program;
        this.link = link;
        this.listeners = listeners;
        this.routes = routes;
        this.reason = reason;
        this.datagrams = datagrams;
        this.rangeSets = new RangeSets(maps);
        this.prefixSets = new PrefixSets(maps);
    }

    /// Attaches to the network namespace of the calling thread; captures nothing yet.
    ///
    /// @param reason why this way was chosen
    /// @throws IOException when this kernel, or what this process may, does not allow it
    public static SkLookup attach(Acceptor acceptor, Routes routes, String reason)
            throws IOException {
        SkLookup made = beside(acceptor, routes, reason, null);
        try {
            made.link = made.program.attachToNetns();
            return made;
        } catch (IOException e) {
            made.closeProgram();
            throw e;
        }
    }

    /// The same beside another process that captures: leads nobody before [#engage], since a
    /// program that knows no frontend yet refuses them all.
    ///
    /// @param inherited the link of the program of the other; null where it has none
    static SkLookup beside(
            Acceptor acceptor, Routes routes, String reason, @Nullable BpfLink inherited)
            throws IOException {
        List<AutoCloseable> made = new ArrayList<>();
        try {
            List<Acceptor.Listener> listeners =
                    new ArrayList<>(acceptor.listenForLed(IpFamily.IPV4));
            made.addAll(listeners);
            List<Acceptor.Listener> ipv6 = listenIpv6(acceptor);
            made.addAll(ipv6);
            // Where other processes left more of one family, these are asked but not led to.
            int perFamily =
                    ipv6.isEmpty() ? listeners.size() : Math.min(listeners.size(), ipv6.size());
            LookupMaps maps = LookupMaps.create(2 * perFamily);
            made.add(maps);
            maps.listen(0, descriptors(listeners, perFamily));
            maps.listen(perFamily, descriptors(ipv6, perFamily));
            listeners.addAll(ipv6);
            BpfProgram program = LookupProgram.load(maps, perFamily);
            made.add(program);
            return new SkLookup(
                    maps, program, inherited, listeners, new BoundListeners(acceptor), routes, reason);
        } catch (IOException | RuntimeException e) {
            made.reversed().forEach(SkLookup::close);
            throw e;
        }
    }

    private static List<Integer> descriptors(List<Acceptor.Listener> listeners, int most) {
        return listeners.stream().limit(most).map(Acceptor.Listener::descriptor).toList();
    }

    /// Where IPv6 is off, nobody can come by it.
    private static List<Acceptor.Listener> listenIpv6(Acceptor acceptor) {
        try {
            return acceptor.listenForLed(IpFamily.IPV6);
        } catch (IOException e) {
            LOG.info("IPv6 is not captured: {}", e.getMessage());
            return List.of();
        }
    }

    private static void close(AutoCloseable made) {
        try {
            made.close();
        } catch (Exception e) {
            LOG.debug("not closed: {}", e.getMessage());
        }
    }

    @Override
    public String description() {
        return "bpf (" + reason + "): sk_lookup, " + listeners.size() + " listening sockets";
    }

    @Override
    public void follow(
            NodeNetwork node, Collection<IpAddress> added, Collection<IpAddress> removed) {
        prefixSets.replace(LookupMaps.PODS_AND_NODE, ClientClasses.of(node).podsAndNodeRanges());
        if (own.follow(node, added, removed)) {
            // What is not a frontend must be refused before its packets arrive.
            prefixSets.replace(LookupMaps.VIPS, own.prefixes());
        }
        routes.follow(own.prefixes(), node);
    }

    @Override
    public void add(Collection<VipTable.Row> rows) {
        List<VipTable.Row> together =
                rows.stream().filter(row -> row.admission().ranges().isEmpty()).toList();
        int done =
                maps.putAll(
                        together.stream().map(VipTable.Row::frontend).toList(),
                        together.stream()
                                .map(row -> flags(row.frontend(), row.admission()))
                                .toList());
        for (VipTable.Row row : together.subList(0, done)) {
            onPut(row.frontend(), row.admission());
        }
        for (VipTable.Row row : together.subList(done, together.size())) {
            add(row.frontend(), row.admission());
        }
        for (VipTable.Row row : rows) {
            if (!row.admission().ranges().isEmpty()) {
                add(row.frontend(), row.admission());
            }
        }
    }

    private void add(Frontend frontend, Admission admission) {
        try {
            put(frontend, admission);
            onPut(frontend, admission);
        } catch (BpfException e) {
            wanted.put(frontend, admission);
            failures.put(
                    frontend, new CaptureFailure(frontend, String.valueOf(e.getMessage()), null));
        }
    }

    private void onPut(Frontend frontend, Admission admission) {
        failures.remove(frontend);
        wanted.remove(frontend);
        try {
            release(captured.put(frontend, admission));
        } catch (BpfException e) {
            LOG.error("ranges of {} cannot be released: {}", frontend, e.getMessage());
        }
        if (frontend.protocol() == Protocol.UDP) {
            datagrams.add(frontend);
        }
    }

    private static int flags(Frontend frontend, Admission admission) {
        int flags = frontend.protocol() == Protocol.UDP ? LookupMaps.PASS : 0;
        return flags | (admission.outsiders() ? 0 : LookupMaps.PODS_AND_NODE_ONLY);
    }

    private void put(Frontend frontend, Admission admission) throws BpfException {
        int flags = flags(frontend, admission);
        if (admission.ranges().isEmpty()) {
            maps.put(frontend, flags, 0);
            return;
        }
        int set = rangeSets.acquire(admission.ranges());
        try {
            maps.put(frontend, flags | LookupMaps.RANGES, set);
        } catch (BpfException e) {
            release(admission);
            throw e;
        }
    }

    private void release(@Nullable Admission admission) throws BpfException {
        if (admission != null && !admission.ranges().isEmpty()) {
            rangeSets.release(admission.ranges());
        }
    }

    @Override
    public void remove(Collection<Frontend> frontends) {
        datagrams.remove(frontends);
        for (Frontend frontend : frontends) {
            failures.remove(frontend);
            wanted.remove(frontend);
            try {
                maps.remove(frontend);
                release(captured.remove(frontend));
            } catch (BpfException e) {
                // Who comes there is reset by the relay: the table does not know it any more.
                LOG.error("{} cannot be released: {}", frontend, e.getMessage());
            }
        }
    }

    @Override
    public void retry() {
        // A map that was full may have room again.
        List.copyOf(failures.keySet()).forEach(this::retry);
        datagrams.retry();
    }

    private void retry(Frontend frontend) {
        Admission admission = wanted.get(frontend);
        if (admission != null) {
            add(frontend, admission);
        }
    }

    @Override
    public void repair() {
        routes.recheck();
    }

    @Override
    public List<CaptureFailure> failures() {
        List<CaptureFailure> all = new ArrayList<>(failures.values());
        all.addAll(datagrams.failures());
        return all;
    }

    @Override
    public void offer(Consumer<HandedSocket> to) {
        routes.offer(to);
        if (link != null) {
            to.accept(HandedSocket.of(HandedSocket.Kind.LINK, IpFamily.IPV4, link.descriptor()));
        }
        for (Acceptor.Listener listener : listeners) {
            int descriptor = listener.descriptor();
            to.accept(HandedSocket.of(HandedSocket.Kind.LED, family(descriptor), descriptor));
        }
        datagrams.offer(to);
    }

    private IpFamily family(int descriptor) {
        boolean _ = names.read(descriptor);
        return names.isIpv6() ? IpFamily.IPV6 : IpFamily.IPV4;
    }

    @Override
    public void engage() {
        BpfLink before = link;
        try {
            if (before != null) {
                before.lead(program);
                return;
            }
        } catch (BpfException e) {
            LOG.info("the program is attached beside the one before: {}", e.getMessage());
        }
        // Of several programs, the socket counts that the last one chose.
        try {
            link = program.attachToNetns();
            if (before != null) {
                before.close();
            }
        } catch (IOException e) {
            LOG.error("new clients are not led here: {}", e.getMessage());
        }
    }

    @Override
    public void leave(boolean hostKept) {
        if (hostKept) {
            routes.leave();
        }
        datagrams.leave(false);
        closeProgram();
        left = true;
    }

    /// Routes first: without the program, daemons of the host would answer at VIPs.
    @Override
    public void close() {
        routes.close();
        if (!left) {
            datagrams.close();
            closeProgram();
        }
    }

    private void closeProgram() {
        if (link != null) {
            link.close();
        }
        program.close();
        maps.close();
        listeners.forEach(Acceptor.Listener::close);
    }
}
