package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fairlead.k8s.cluster.ObjectKey;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows one resource for ever: lists it, watches it, and lists it again when the watch is lost.
///
/// News goes to the consumer on the client's threads, one at a time and in order. The informer
/// within tries again by itself; should it end all the same, another takes its place.
final class ApiInformer<T extends HasMetadata> implements ResourceEventHandler<T>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApiInformer.class);

    private static final long RESTART_SECONDS = 1;

    /// A resource that this cluster does not have, or keeps from us, may still come.
    private static final long OPTIONAL_RESTART_SECONDS = 60;

    private final KubernetesClient client;
    private final ApiResource<T> resource;
    private final Consumer<ApiChange> consumer;
    private final Runnable onEnd;
    private final ScheduledExecutorService scheduler;
    private final KeyStore<T> store;

    private volatile @Nullable SharedIndexInformer<T> informer;
    private volatile boolean closed;

    /// @param onEnd called when the informer within has ended by itself
    ApiInformer(
            KubernetesClient client,
            ApiResource<T> resource,
            Consumer<ApiChange> consumer,
            Runnable onEnd,
            ScheduledExecutorService scheduler) {
        this.client = client;
        this.resource = resource;
        this.consumer = consumer;
        this.onEnd = onEnd;
        this.scheduler = scheduler;
        this.store = new KeyStore<>(resource.blank());
    }

    /// Called first by the owner, then by the scheduler alone.
    synchronized void start() {
        if (closed) {
            return;
        }
        SharedIndexInformer<T> next =
                resource.list()
                        .apply(client)
                        .runnableInformer(0)
                        .exceptionHandler((_, failure) -> isTriedAgain(failure))
                        .itemStore(store)
                        .removeNamespaceIndex()
                        .addEventHandler(this);
        informer = next;
        next.stopped().whenComplete((_, failure) -> onStopped(failure));
        var _ = next.start();
    }

    /// The client's own rule gives up on some failures for good.
    private boolean isTriedAgain(Throwable failure) {
        return !resource.optional() || !isAbsent(failure);
    }

    private static boolean isAbsent(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof KubernetesClientException refusal) {
                return refusal.getCode() == HttpURLConnection.HTTP_NOT_FOUND
                        || refusal.getCode() == HttpURLConnection.HTTP_FORBIDDEN;
            }
        }
        return false;
    }

    private void onStopped(@Nullable Throwable failure) {
        if (closed) {
            return;
        }
        boolean absent = failure != null && resource.optional() && isAbsent(failure);
        if (!absent) {
            onEnd.run();
            LOG.warn(
                    "the watch of {} ended by itself and is started again: {}",
                    resource.kind().word(),
                    String.valueOf(failure));
        }
        try {
            var _ =
                    scheduler.schedule(
                            this::start,
                            absent ? OPTIONAL_RESTART_SECONDS : RESTART_SECONDS,
                            TimeUnit.SECONDS);
        } catch (RejectedExecutionException _) {
            LOG.debug("closed while a watch ended");
        }
    }

    ApiResource<T> resource() {
        return resource;
    }

    @Override
    public void onAdd(T object) {
        say(object);
    }

    @Override
    public void onUpdate(T before, T object) {
        say(object);
    }

    private void say(T object) {
        try {
            consumer.accept(resource.said(object));
        } catch (RuntimeException e) {
            LOG.error(
                    "{} could not be read; what it said before still holds",
                    resource.key(object),
                    e);
        }
    }

    @Override
    public void onDelete(T object, boolean finalStateUnknown) {
        ObjectKey key = resource.key(object);
        consumer.accept(
                finalStateUnknown
                        ? new ApiChange.Vanished(key)
                        : new ApiChange.Said(key, null, null, List.of()));
    }

    @Override
    public void onList(String resourceVersion, boolean remainedEmpty) {
        consumer.accept(new ApiChange.Listed(resource.kind()));
    }

    @Override
    public synchronized void close() {
        closed = true;
        SharedIndexInformer<T> last = informer;
        if (last != null) {
            last.stop();
        }
    }
}
