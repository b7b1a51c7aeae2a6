package io.fairlead.core.capture;

import io.fairlead.core.handover.HandedSocket;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.table.Frontend;
import io.fairlead.core.table.VipTable;
import java.io.IOException;
import java.net.BindException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Captures with one listening socket per frontend: needs no privilege where the addresses are this
/// machine's own, as all of 127.0.0.0/8 is.
///
/// A frontend that is not wanted has no socket, so the kernel refuses its clients.
public final class BoundListeners implements Capture {

    private static final int MAX_HOLDERS_NAMED = 8;

    private final Acceptor acceptor;
    private final Routes routes;
    private final OwnPrefixes own = new OwnPrefixes();
    private final String description;
    private final Map<Frontend, Acceptor.Listener> listeners = new HashMap<>();
    private final Map<Frontend, CaptureFailure> failures = new TreeMap<>();

    /// On addresses that are this machine's own already.
    public BoundListeners(Acceptor acceptor) {
        this(acceptor, Routes.NONE, "loopback: a listener on each VIP, no privilege");
    }

    /// As [#BoundListeners(Acceptor)].
    ///
    /// @param missing why nothing better was chosen
    BoundListeners(Acceptor acceptor, String missing) {
        this(
                acceptor,
                Routes.NONE,
                "loopback (" + missing + "): a listener on each VIP of this machine's addresses");
    }

    /// On local routes.
    ///
    /// @param reason why this way was chosen
    BoundListeners(Acceptor acceptor, Routes routes, String reason) {
        this.acceptor = acceptor;
        this.routes = routes;
        this.description = reason;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public void add(Collection<VipTable.Row> rows) {
        rows.forEach(row -> add(row.frontend()));
    }

    void add(Frontend frontend) {
        if (!listeners.containsKey(frontend)) {
            listen(frontend);
        }
    }

    @Override
    public void follow(
            NodeNetwork node, Collection<IpAddress> added, Collection<IpAddress> removed) {
        own.follow(node, added, removed);
        routes.follow(own.prefixes(), node);
    }

    @Override
    public void remove(Collection<Frontend> frontends) {
        for (Frontend frontend : frontends) {
            failures.remove(frontend);
            Acceptor.Listener listener = listeners.remove(frontend);
            if (listener != null) {
                listener.close();
            }
        }
    }

    @Override
    public void retry() {
        List.copyOf(failures.keySet()).forEach(this::add);
    }

    @Override
    public void repair() {
        routes.recheck();
    }

    @Override
    public List<CaptureFailure> failures() {
        return List.copyOf(failures.values());
    }

    private void listen(Frontend frontend) {
        CaptureFailure before = failures.remove(frontend);
        try {
            listeners.put(frontend, acceptor.listen(frontend));
        } catch (BindException _) {
            failures.put(frontend, inUse(frontend, holder(frontend, before)));
        } catch (IOException e) {
            String message = frontend.at() + " is not served: " + e.getMessage();
            failures.put(frontend, new CaptureFailure(frontend, message, null));
        }
    }

    /// Looking for a holder reads all of /proc: not for each of thousands, nor at each try for one
    /// that is still there.
    private @Nullable PortHolder holder(Frontend frontend, @Nullable CaptureFailure before) {
        if (before != null && before.holder() != null && before.holder().isAlive()) {
            return before.holder();
        }
        return failures.size() < MAX_HOLDERS_NAMED ? PortHolder.find(frontend).orElse(null) : null;
    }

    private static CaptureFailure inUse(Frontend frontend, @Nullable PortHolder holder) {
        String message =
                frontend.at()
                        + " is in use"
                        + (holder == null ? "" : " by " + holder)
                        + "; it is tried again";
        return new CaptureFailure(frontend, message, holder);
    }

    @Override
    public void offer(Consumer<HandedSocket> to) {
        routes.offer(to);
        listeners.forEach((frontend, listener) ->
                listener.descriptors().forEach(d -> to.accept(HandedSocket.at(frontend, d))));
    }

    @Override
    public void engage() {
        // Whoever has the sockets is asked.
    }

    @Override
    public void leave(boolean hostKept) {
        if (hostKept) {
            routes.leave();
        }
        listeners.values().forEach(Acceptor.Listener::close);
        listeners.clear();
    }

    @Override
    public void close() {
        routes.close();
        listeners.values().forEach(Acceptor.Listener::close);
        listeners.clear();
    }
}
