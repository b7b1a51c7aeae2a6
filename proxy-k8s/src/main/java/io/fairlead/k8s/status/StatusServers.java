package io.fairlead.k8s.status;

import io.fairlead.core.DataPlane;
import io.fairlead.k8s.sync.Applied;
import io.fairlead.k8s.sync.Moment;
import io.fairlead.k8s.sync.ProblemLog;
import io.fairlead.k8s.sync.SyncLoop;
import io.fairlead.k8s.sync.SyncProgress;
import io.fairlead.k8s.watch.StateSource;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All that answers over HTTP, and the thread that keeps it open.
///
/// What cannot be opened is said once and tried again every few seconds; nothing here holds up the
/// control thread or the data plane.
public final class StatusServers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StatusServers.class);

    /// As kube-proxy does (SEMANTICS A12c).
    private static final Duration RETRY_INTERVAL = Duration.ofSeconds(5);

    private final SyncProgress progress;
    private final ProblemLog problems;
    private final @Nullable FixedServer health;
    private final @Nullable FixedServer metrics;
    private final List<FixedServer> servers = new ArrayList<>();
    private final ServiceHealthPorts services;
    private final ProxyHealth proxyHealth;
    private final InheritedPorts inherited;
    private final Thread thread;

    private StatusServers(
            StatusOptions options,
            NodeEligibility node,
            SyncLoop sync,
            DataPlane plane,
            Supplier<? extends Map<String, ?>> configuration,
            StateSource source,
            InheritedPorts inherited) {
        this.inherited = inherited;
        this.progress = sync.progress();
        this.problems = sync.problems();
        PrometheusRegistry registry = new PrometheusRegistry();
        SyncHealth syncHealth = new SyncHealth(progress, Moment::now);
        this.proxyHealth = new ProxyHealth(syncHealth, node, progress, registry);
        source.requests().ifPresent(r -> RequestMetrics.register(registry, r));
        if (source.apiStatus().isPresent()) {
            ApiMetrics.register(registry, () -> source.apiStatus().orElseThrow());
        }
        PlaneMetrics.register(registry, plane, progress);
        MetricsPages pages =
                MetricsPages.of(
                        registry,
                        new ServiceMetrics(plane, options::maxBackendSeries),
                        sync,
                        plane,
                        configuration,
                        syncHealth::isHealthy);
        this.services =
                new ServiceHealthPorts(
                        () -> syncHealth.isHealthy() && !proxyHealth.leaves(),
                        sync.events(),
                        inherited);
        this.health = server("health", options.healthz(), proxyHealth::answer);
        this.metrics = server("metrics", options.metrics(), pages::answer);
        this.thread = Thread.ofPlatform().name("fairlead-status").daemon().unstarted(this::run);
    }

    /// Starts what is asked for, and the ports of Services.
    ///
    /// @param configuration what `/configz` tells, now
    /// @param source tells how it stands with the API server, where there is one
    /// @throws IOException when one of them cannot listen and is to; the message says where and why
    public static StatusServers start(
            StatusOptions options,
            NodeEligibility node,
            SyncLoop sync,
            DataPlane plane,
            Supplier<? extends Map<String, ?>> configuration,
            StateSource source)
            throws IOException {
        return start(options, node, sync, plane, configuration, source, InheritedPorts.none());
    }

    /// The same, with the sockets of another agent where it has left some.
    public static StatusServers start(
            StatusOptions options,
            NodeEligibility node,
            SyncLoop sync,
            DataPlane plane,
            Supplier<? extends Map<String, ?>> configuration,
            StateSource source,
            InheritedPorts inherited)
            throws IOException {
        StatusServers servers =
                new StatusServers(options, node, sync, plane, configuration, source, inherited);
        for (FixedServer server : servers.servers) {
            if (options.bindHardFail()) {
                openNow(servers, server);
            } else {
                server.open();
            }
        }
        servers.thread.start();
        return servers;
    }

    private static void openNow(StatusServers servers, FixedServer server) throws IOException {
        try {
            server.openNow();
        } catch (IOException e) {
            servers.servers.forEach(FixedServer::close);
            throw e;
        }
    }

    private @Nullable FixedServer server(
            String name, @Nullable BindAddress at, Function<String, ? extends HttpAnswer> answers) {
        if (at == null) {
            return null;
        }
        FixedServer server =
                new FixedServer(name, new HttpPort(at.toSocketAddress(), answers, inherited));
        servers.add(server);
        return server;
    }

    private void run() {
        long seen = 0;
        try {
            while (!Thread.interrupted()) {
                Applied applied = progress.awaitApplied(seen, RETRY_INTERVAL);
                seen = applied.generation();
                servers.forEach(FixedServer::open);
                follow(applied);
                inherited.close();
            }
        } catch (InterruptedException _) {
            LOG.debug("no more status");
        }
    }

    private void follow(Applied applied) {
        try {
            problems.report("status", services.follow(applied));
        } catch (RuntimeException e) {
            LOG.error("the health check ports of Services could not be brought up to date", e);
        }
    }

    /// Answers from now on that load balancers are to go elsewhere; it is still alive.
    public void leave() {
        proxyHealth.leave();
    }

    /// Where the health server listens; empty where it does not.
    public Optional<InetSocketAddress> healthAddress() {
        return Optional.ofNullable(health).flatMap(FixedServer::address);
    }

    /// Where the metrics server listens; empty where it does not.
    public Optional<InetSocketAddress> metricsAddress() {
        return Optional.ofNullable(metrics).flatMap(FixedServer::address);
    }

    /// Another agent has the sockets too, and answers from now on; those whom this one has accepted
    /// are answered until [#close].
    public void mute() {
        endThread();
        List<InetSocketAddress> open = new ArrayList<>(services.addresses());
        servers.forEach(server -> server.address().ifPresent(open::add));
        SocketSwap.mute(open);
    }

    private void endThread() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        endThread();
        inherited.close();
        services.close();
        servers.forEach(FixedServer::close);
    }
}
