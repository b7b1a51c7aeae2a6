package io.fairlead.core.capture;

import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.Frontend;
import java.io.IOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Captures with one listening socket per frontend: needs no privilege where the addresses are this
/// machine's own, as all of 127.0.0.0/8 is.
///
/// A frontend that is not wanted has no socket, so the kernel refuses its clients.
public final class BoundListeners implements Capture {

    private static final int MAX_HOLDERS_NAMED = 8;

    private final Acceptor acceptor;
    private final Map<Frontend, Acceptor.Listener> listeners = new HashMap<>();

    public BoundListeners(Acceptor acceptor) {
        this.acceptor = acceptor;
    }

    @Override
    public String description() {
        return "loopback: a listener on each VIP of this machine's own addresses, no privilege";
    }

    @Override
    public List<CaptureFailure> update(Set<Frontend> wanted) {
        Iterator<Map.Entry<Frontend, Acceptor.Listener>> held = listeners.entrySet().iterator();
        while (held.hasNext()) {
            Map.Entry<Frontend, Acceptor.Listener> entry = held.next();
            if (!wanted.contains(entry.getKey())) {
                entry.getValue().close();
                held.remove();
            }
        }
        List<CaptureFailure> failures = new ArrayList<>();
        for (Frontend frontend : wanted) {
            if (frontend.protocol() == Protocol.TCP && !listeners.containsKey(frontend)) {
                listen(frontend, failures);
            }
        }
        return failures;
    }

    private void listen(Frontend frontend, List<CaptureFailure> failures) {
        try {
            listeners.put(frontend, acceptor.listen(frontend.at()));
        } catch (BindException _) {
            // Looking for the holder reads all of /proc: not for each of thousands.
            PortHolder holder =
                    failures.size() < MAX_HOLDERS_NAMED
                            ? PortHolder.find(frontend.at()).orElse(null)
                            : null;
            String message =
                    frontend.at()
                            + " is in use"
                            + (holder == null ? "" : " by " + holder)
                            + "; it is tried again";
            failures.add(new CaptureFailure(frontend, message, holder));
        } catch (IOException e) {
            String message = frontend.at() + " cannot be listened on: " + e.getMessage();
            failures.add(new CaptureFailure(frontend, message, null));
        }
    }

    @Override
    public void close() {
        listeners.values().forEach(Acceptor.Listener::close);
        listeners.clear();
    }
}
