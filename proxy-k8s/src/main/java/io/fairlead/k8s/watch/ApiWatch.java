package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fairlead.k8s.cluster.ClusterUpdate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The API server as a source of cluster states.
///
/// Nothing is handed on before Services, EndpointSlices and the own Node have all been listed; then
/// each change is, together with what arrived in the same moment. While the API server is away the
/// last state stays, for as long as it takes. The client's threads reduce objects to facts; one
/// thread, `fairlead-api`, owns the state and calls the consumer.
public final class ApiWatch implements StateSource {
    private static final Logger LOG = LoggerFactory.getLogger(ApiWatch.class);

    private static final long CLOSE_SECONDS = 10;

    private final Consumer<ClusterUpdate> consumer;
    private final ApiContact contact = new ApiContact(System::nanoTime);
    private final ApiRequests requests = new ApiRequests(System::nanoTime);
    private final String nodeName;
    private final KubernetesClient client;
    private final List<ApiInformer<?>> informers;
    private final Queue<ApiChange> news = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("fairlead-api").daemon().factory());

    // Of the thread.
    private final ApiState state = new ApiState();
    private @Nullable ClusterUpdate last;

    private @Nullable ApiEvents events; // of whoever starts and closes

    private ApiWatch(ApiAccess access, ApiScope scope, Consumer<ClusterUpdate> consumer) {
        this.consumer = consumer;
        this.nodeName = scope.nodeName();
        this.client = access.client(contact, requests);
        this.informers =
                List.of(
                        informer(ApiResource.services(scope.serviceProxyName())),
                        informer(ApiResource.slices()),
                        informer(ApiResource.node(scope.nodeName())),
                        informer(ApiResource.serviceCidrs()));
    }

    private <T extends HasMetadata> ApiInformer<T> informer(ApiResource<T> resource) {
        return new ApiInformer<>(client, resource, this::accept, thread);
    }

    /// Follows what a node needs until closed. Returns at once, and tries for ever.
    public static ApiWatch start(
            ApiAccess access, ApiScope scope, Consumer<ClusterUpdate> consumer) {
        ApiWatch watch = new ApiWatch(access, scope, consumer);
        watch.informers.forEach(ApiInformer::start);
        return watch;
    }

    /// Time since anything came from the API server, or since the start.
    public Duration lastContactAge() {
        return contact.age();
    }

    /// Whether everything that a node cannot do without is being watched.
    public boolean isWatching() {
        return informers.stream().allMatch(i -> i.isOptional() || i.isWatching());
    }

    @Override
    public void publish(EventQueue queue) {
        events = ApiEvents.start(client, nodeName, queue);
    }

    @Override
    public Optional<ApiRequests> requests() {
        return Optional.of(requests);
    }

    private void accept(ApiChange change) {
        news.add(change);
        if (scheduled.compareAndSet(false, true)) {
            try {
                thread.execute(this::deliver);
            } catch (RejectedExecutionException _) {
                LOG.debug("closed while news came");
            }
        }
    }

    private void deliver() {
        scheduled.set(false);
        for (ApiChange change = news.poll(); change != null; change = news.poll()) {
            state.accept(change);
        }
        if (!state.isWhole()) {
            return;
        }
        ClusterUpdate now = state.update();
        if (last != null && isEqual(now, last)) {
            return;
        }
        last = now;
        try {
            consumer.accept(now);
        } catch (RuntimeException e) {
            LOG.error("A change from the API server could not be applied", e);
        }
    }

    /// Facts that are equal make no successor of a state, so identity says enough.
    @SuppressWarnings("ReferenceEquality")
    private static boolean isEqual(ClusterUpdate one, ClusterUpdate other) {
        return one.state() == other.state() && one.problems().equals(other.problems());
    }

    /// Ends the watches and the thread; the consumer is not called afterwards.
    @Override
    public void close() {
        informers.forEach(ApiInformer::close);
        if (events != null) {
            events.close();
        }
        client.close();
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a change from the API server is still being applied");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
