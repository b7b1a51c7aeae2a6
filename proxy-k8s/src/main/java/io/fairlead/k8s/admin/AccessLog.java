package io.fairlead.k8s.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fairlead.core.flow.ClosedFlow;
import io.fairlead.core.flow.ClosedFlows;
import io.fairlead.core.flow.FlowView;
import io.fairlead.core.service.AddressPort;
import io.fairlead.k8s.cluster.ServiceSpec;
import io.fairlead.k8s.sync.Applied;
import io.fairlead.k8s.sync.SyncProgress;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
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
            lines.append(line(flow, options.format())).append('\n');
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

    /// One line, without its end.
    static String line(ClosedFlow closed, AccessLogOptions.Format format) {
        FlowView flow = closed.flow();
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("time", Instant.ofEpochMilli(closed.atMillis()).toString());
        fields.put("protocol", flow.protocol().toString());
        fields.put("client", flow.client().toString());
        fields.put("vip", flow.vip().toString());
        fields.put("service", flow.service().qualifiedService());
        fields.put("port", flow.service().port());
        fields.put("backend", flow.backend().toString());
        AddressPort source = flow.source();
        fields.put("source", source == null ? null : source.toString());
        fields.put("seconds", Math.round(flow.ageNs() / 1e6) / 1e3);
        fields.put("receivedBytes", flow.receivedBytes());
        fields.put("returnedBytes", flow.returnedBytes());
        fields.put("reason", closed.reason().word());
        return switch (format) {
            case JSON -> AdminJson.write(fields);
            case TEXT -> text(fields);
        };
    }

    private static String text(Map<String, @Nullable Object> fields) {
        StringBuilder line = new StringBuilder();
        fields.forEach((name, value) -> {
            String word = String.valueOf(value == null || value.equals("") ? "-" : value);
            line.append(line.isEmpty() ? "" : " ");
            if (!name.equals("time")) {
                line.append(name.toLowerCase(Locale.ROOT)).append('=');
            }
            // No name of Kubernetes holds any of these; a line must stay one all the same.
            line.append(word.replaceAll("[\\s\\p{Cntrl}=]", "?"));
        });
        return line.toString();
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
