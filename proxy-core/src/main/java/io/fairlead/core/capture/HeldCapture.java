package io.fairlead.core.capture;

import io.fairlead.core.handover.HandedSocket;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.NodeNetwork;
import io.fairlead.core.table.Frontend;
import io.fairlead.core.table.VipTable;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A capture that may begin late and be left early: before it begins it remembers what is to be
/// captured, and once it is left it does nothing. Control thread only.
///
/// So an agent that takes over has its table before it has any socket, and one that was taken over
/// from touches nothing that is another's by now.
public final class HeldCapture implements Capture {

    /// How a capture begins.
    public interface Opening {
        Capture open() throws IOException;
    }

    private final Map<Frontend, VipTable.Row> waiting = new LinkedHashMap<>();
    private final Set<IpAddress> vips = new HashSet<>();
    private @Nullable NodeNetwork node;
    private @Nullable Capture capture;
    private boolean left;
    private boolean hostKept;

    /// Begins to capture, with all that was asked for until now.
    public void open(Opening opening) throws IOException {
        Capture begun = opening.open();
        capture = begun;
        if (node != null) {
            begun.follow(node, vips, List.of());
        }
        begun.add(List.copyOf(waiting.values()));
        waiting.clear();
        vips.clear();
    }

    /// Whether it captures now.
    private @Nullable Capture active() {
        return left ? null : capture;
    }

    @Override
    public String description() {
        return capture == null ? "none yet" : capture.description();
    }

    @Override
    public void add(Collection<VipTable.Row> rows) {
        Capture active = active();
        if (active != null) {
            active.add(rows);
        } else if (!left) {
            rows.forEach(row -> waiting.put(row.frontend(), row));
        }
    }

    @Override
    public void remove(Collection<Frontend> frontends) {
        Capture active = active();
        if (active != null) {
            active.remove(frontends);
        } else {
            frontends.forEach(waiting::remove);
        }
    }

    @Override
    public void follow(
            NodeNetwork next, Collection<IpAddress> added, Collection<IpAddress> removed) {
        Capture active = active();
        if (active != null) {
            active.follow(next, added, removed);
        } else {
            node = next;
            vips.addAll(added);
            removed.forEach(vips::remove);
        }
    }

    @Override
    public void retry() {
        Capture active = active();
        if (active != null) {
            active.retry();
        }
    }

    @Override
    public void repair() {
        Capture active = active();
        if (active != null) {
            active.repair();
        }
    }

    @Override
    public List<CaptureFailure> failures() {
        Capture active = active();
        return active == null ? List.of() : active.failures();
    }

    @Override
    public void offer(Consumer<HandedSocket> to) {
        Capture active = active();
        if (active != null) {
            active.offer(to);
        }
    }

    @Override
    public void engage() {
        Capture active = active();
        if (active != null) {
            active.engage();
        }
    }

    @Override
    public void leave(boolean kept) {
        Capture active = active();
        left = true;
        hostKept = kept;
        if (active != null) {
            active.leave(kept);
        }
    }

    @Override
    public void close() {
        if (capture != null && !(left && hostKept)) {
            capture.close();
        }
    }
}
