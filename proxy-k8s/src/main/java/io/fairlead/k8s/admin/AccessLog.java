package io.fairlead.k8s.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fairlead.core.flow.ClosedFlow;
import io.fairlead.core.flow.ClosedFlows;
import io.fairlead.k8s.cluster.ServiceSpec;
import io.fairlead.k8s.sync.Applied;
import io.fairlead.k8s.sync.SyncProgress;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes a line for each connection that ended and is wanted, on a thread of its own: event loops
/// hand them over and never wait, whatever becomes of the file.
public final class AccessLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);

    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int LINES_PER_FLUSH = 1_000;

    private final AccessLogOptions options;
    private final ClosedFlows flows;
    private final SyncProgress progress;
    private final LogFile file;
    private final Thread thread;
    private long generation = -1;
    private boolean toldFailure;
    private volatile boolean closed;

    private AccessLog(
            AccessLogOptions options, ClosedFlows flows, SyncProgress progress, LogFile file) {
        this.options = options;
        this.flows = flows;
        this.progress = progress;
        this.file = file;
        this.thread = Thread.ofPlatform().name("fairlead-access-log").daemon().unstarted(this::run);
    }

    /// Begins to write.
    ///
    /// @throws IOException when the file cannot be written; the message says why
    public static AccessLog start(
            AccessLogOptions options, ClosedFlows flows, SyncProgress progress) throws IOException {
        AccessLog log = new AccessLog(options, flows, progress, LogFile.open(options.to()));
        log.follow(progress.applied());
        log.thread.start();
        return log;
    }

    private void run() {
        while (!closed) {
            follow(progress.applied());
            if (!write()) {
                LockSupport.parkNanos(this, PAUSE_NS);
            }
        }
    }

    /// Takes over which Services are written.
    private void follow(Applied applied) {
        if (applied.generation() == generation) {
            return;
        }
        generation = applied.generation();
        Set<String> always = new HashSet<>();
        Set<String> never = new HashSet<>();
        applied.state().services().values().forEach(s -> sort(s, always, never));
        flows.want(new ClosedFlows.Wanted(options.oneIn(), always, never));
    }

    private static void sort(ServiceSpec service, Set<String> always, Set<String> never) {
        Boolean asked = service.traits().accessLog();
        if (asked != null) {
            (asked ? always : never).add(service.name().toString());
        }
    }

    /// Whether there was anything to write.
    private boolean write() {
        StringBuilder lines = new StringBuilder();
        int count = 0;
        for (ClosedFlow flow = flows.poll(); flow != null; flow = flows.poll()) {
            AccessLine.append(lines, flow, options.format());
            lines.append('\n');
            if (++count == LINES_PER_FLUSH) {
                break;
            }
        }
        if (count > 0) {
            try {
                file.write(lines.toString().getBytes(UTF_8));
                toldFailure = false;
            } catch (IOException e) {
                if (!toldFailure) {
                    toldFailure = true;
                    LOG.warn("the access log cannot be written: {}", e.getMessage());
                }
            }
        }
        return count > 0;
    }

    /// Writes what is there, and no more.
    @Override
    public void close() {
        flows.want(null);
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join(TimeUnit.SECONDS.toMillis(2));
            if (!thread.isAlive()) {
                while (write()) {
                    // The last ones.
                }
                file.close();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debug("the access log could not be closed", e);
        }
    }
}
