package io.fairlead.k8s;

import io.fairlead.k8s.admin.AccessLog;
import io.fairlead.k8s.admin.AccessLogOptions;
import io.fairlead.k8s.admin.AdminPages;
import io.fairlead.k8s.admin.AdminServer;
import io.fairlead.k8s.admin.AdminView;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.status.BindAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The admin socket of an agent in its run directory, a loopback port and the access log where they
/// are asked for.
///
/// Services are served without them all the same: what cannot be opened is said, and that is all.
public final class AgentAdmin implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AgentAdmin.class);

    private final AdminPages pages;
    private final Path runDir;
    private final @Nullable BindAddress bind;
    private @Nullable AdminServer socket;
    private @Nullable AdminServer port;
    private @Nullable AccessLog log;
    private final AccessLogOptions logOptions;
    private final AgentParts parts;

    /// @param options as they are at the start
    /// @param rules as they are now
    AgentAdmin(AgentOptions options, AgentParts parts, Supplier<LocalOptions> rules) {
        this.pages =
                new AdminPages(
                        new AdminView(
                                options.nodeName(),
                                options.source().name(),
                                options.threads(),
                                parts.plane(),
                                parts.sync(),
                                parts.source(),
                                rules,
                                Instant.now()));
        this.logOptions = options.accessLog();
        this.parts = parts;
        this.runDir = options.runDir();
        this.bind = options.status().admin();
    }

    void open() {
        openLog();
        try {
            socket = AdminServer.listen(runDir, pages);
        } catch (IOException | RuntimeException e) {
            LOG.warn(
                    "no admin socket in {} ({}): 'fairlead status' and the like will not work",
                    runDir,
                    e.getMessage());
        }
        if (bind == null) {
            return;
        }
        try {
            InetSocketAddress at = bind.toSocketAddress();
            port = AdminServer.listen(at.getAddress(), at.getPort(), pages);
            LOG.info("admin page at http://{}/", text(port.address()));
        } catch (IOException | RuntimeException e) {
            LOG.warn("no admin page at {} ({})", bind, e.getMessage());
        }
    }

    private void openLog() {
        if (logOptions.isOff()) {
            return;
        }
        try {
            log = AccessLog.start(logOptions, parts.plane().closedFlows(), parts.sync().progress());
        } catch (IOException | RuntimeException e) {
            LOG.warn("no access log to {} ({})", logOptions.to(), e.toString());
        }
    }

    private static String text(SocketAddress at) {
        return at.toString().substring(at.toString().indexOf('/') + 1);
    }

    /// Where the page is; empty where there is none.
    public Optional<InetSocketAddress> pageAddress() {
        try {
            return port == null
                    ? Optional.empty()
                    : Optional.of((InetSocketAddress) port.address());
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /// Answers nobody more; connections that end are still logged.
    void closeDoors() {
        try (AdminServer _ = socket;
                AdminServer _ = port) {
            socket = null;
            port = null;
        }
    }

    @Override
    public void close() {
        try (AdminServer _ = socket;
                AdminServer _ = port;
                AccessLog _ = log) {
            LOG.debug("the admin socket closes");
        }
    }
}
