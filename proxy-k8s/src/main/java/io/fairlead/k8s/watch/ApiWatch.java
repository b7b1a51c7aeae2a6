package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.ObjectKey;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
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

    /// How often a look is taken at what depends on time alone; precise enough for a hold of a
    /// minute.
    private static final long TICK_MILLIS = 1_000;

    private final Consumer<ClusterUpdate> consumer;
    private final LongSupplier nanoClock;
    private final ApiContact contact;
    private final KubernetesClient client;
    private final List<ApiInformer<?>> informers;
    private final Queue<ApiChange> news = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("fairlead-api").daemon().factory());

    // Of the thread.
    private final ApiState state;
    private @Nullable ClusterUpdate last;

    /// Written by the thread, read by anybody.
    private volatile Map<ObjectKey.Kind, Long> heldSinceNanos = Map.of();

    private ApiWatch(
            ApiAccess access,
            ApiScope scope,
            WatchOptions options,
            LongSupplier nanoClock,
            Consumer<ClusterUpdate> consumer) {
        this.nanoClock = nanoClock;
        this.contact = new ApiContact(nanoClock);
        this.state = new ApiState(options.emptyListHold());
        this.consumer = consumer;
        this.client = access.client(contact);
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
            ApiAccess access,
            ApiScope scope,
            WatchOptions options,
            Consumer<ClusterUpdate> consumer) {
        return start(access, scope, options, System::nanoTime, consumer);
    }

    static ApiWatch start(
            ApiAccess access,
            ApiScope scope,
            WatchOptions options,
            LongSupplier nanoClock,
            Consumer<ClusterUpdate> consumer) {
        ApiWatch watch = new ApiWatch(access, scope, options, nanoClock, consumer);
        watch.informers.forEach(ApiInformer::start);
        var _ =
                watch.thread.scheduleWithFixedDelay(
                        watch::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        return watch;
    }

    /// How long each kind has been held back that the API server no longer lists; empty when it
    /// lists what is served.
    public Map<ObjectKey.Kind, Duration> held() {
        long now = nanoClock.getAsLong();
        Map<ObjectKey.Kind, Duration> held = new EnumMap<>(ObjectKey.Kind.class);
        heldSinceNanos.forEach((kind, since) -> held.put(kind, Duration.ofNanos(now - since)));
        return held;
    }

    /// Time since anything came from the API server, or since the start.
    public Duration lastContactAge() {
        return contact.age();
    }

    /// Whether everything that a node cannot do without is being watched.
    public boolean isWatching() {
        return informers.stream().allMatch(i -> i.isOptional() || i.isWatching());
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

    private void tick() {
        try {
            state.expire(nanoClock.getAsLong());
            handOn();
        } catch (RuntimeException e) {
            LOG.error("the watch of the API server could not be looked after", e);
        }
    }

    private void deliver() {
        scheduled.set(false);
        long now = nanoClock.getAsLong();
        for (ApiChange change = news.poll(); change != null; change = news.poll()) {
            state.accept(change, now);
        }
        handOn();
    }

    private void handOn() {
        heldSinceNanos = state.heldSinceNanos();
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
