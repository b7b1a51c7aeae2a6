package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/// One client of the API server with all its watches, and the news that came by them.
///
/// Whoever owns it reads the news and may close it to have another in its place; what came after
/// that is nobody's.
final class ApiSession implements AutoCloseable {

    private final ApiContact contact;
    private final ApiServers servers;
    private final ApiExchanges exchanges;
    private final KubernetesClient client;
    private final Queue<ApiChange> news = new ConcurrentLinkedQueue<>();
    private final List<ApiInformer<?>> informers;

    /// @param onNews called on the client's threads
    ApiSession(
            ApiAccess.Connection connection,
            ApiContact contact,
            ApiScope scope,
            Runnable onNews,
            ScheduledExecutorService scheduler) {
        this.contact = contact;
        this.servers = connection.servers();
        this.exchanges = connection.exchanges();
        this.client = connection.client();
        this.informers =
                List.of(
                        informer(ApiResource.services(scope.serviceProxyName()), onNews, scheduler),
                        informer(ApiResource.slices(), onNews, scheduler),
                        informer(ApiResource.node(scope.nodeName()), onNews, scheduler),
                        informer(ApiResource.serviceCidrs(), onNews, scheduler));
    }

    private <T extends HasMetadata> ApiInformer<T> informer(
            ApiResource<T> resource, Runnable onNews, ScheduledExecutorService scheduler) {
        return new ApiInformer<>(
                client,
                resource,
                change -> {
                    news.add(change);
                    onNews.run();
                },
                contact::watchEnded,
                scheduler);
    }

    /// For other requests than its own.
    KubernetesClient client() {
        return client;
    }

    void start() {
        informers.forEach(ApiInformer::start);
    }

    /// The next piece of news; null without one.
    @Nullable ApiChange poll() {
        return news.poll();
    }

    /// Whether everything that a node cannot do without is being watched.
    boolean isWatching() {
        return informers.stream()
                .map(ApiInformer::resource)
                .allMatch(r -> r.optional() || exchanges.isWatching(r.plural()));
    }

    /// Makes watches again that have been silent for too long.
    void endSilent() {
        contact.watchesSilent(exchanges.endSilent());
    }

    /// Whether another session is needed to reach the API server.
    boolean isSpent() {
        return isDead() || exchanges.areDenied();
    }

    /// Whether its connections lead nowhere.
    boolean isDead() {
        return exchanges.areDead();
    }

    /// The server in use.
    URI server() {
        return servers.current();
    }

    @Override
    public void close() {
        informers.forEach(ApiInformer::close);
        client.close();
    }
}
