package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.Problem;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
/// last state stays, for as long as it takes; without a usable way to it, the way is looked up
/// again. The client's threads reduce objects to facts; one thread, `fairlead-api`, owns the state
/// and calls the consumer.
public final class ApiWatch implements StateSource {
    private static final Logger LOG = LoggerFactory.getLogger(ApiWatch.class);

    private static final long CLOSE_SECONDS = 10;

    /// How often a look is taken at what depends on time alone; precise enough for a hold of a
    /// minute.
    private static final long TICK_MILLIS = 1_000;

    /// Reading a file costs little, and whoever mends it waits.
    private static final long ACCESS_RETRY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final String ACCESS = "access to the API server";

    private final Consumer<ClusterUpdate> consumer;
    private final LongSupplier nanoClock;
    private final ApiContact contact;
    private final ApiRequests requests;
    private final ApiAccess.Source access;
    private final ApiScope scope;
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().name("fairlead-api").daemon().factory());

    // Of the thread.
    private final ApiState state;
    private final @Nullable Checkpoint checkpoint;
    private final @Nullable CheckpointWriter checkpoints;
    private @Nullable ClusterUpdate last;
    private long triedNanos;
    private @Nullable EventQueue unsent;

    /// Written by the thread, read by anybody.
    private volatile @Nullable ApiSession session;

    private volatile @Nullable ApiEvents events;

    private volatile boolean stale;
    private volatile Map<ObjectKey.Kind, Long> heldSinceNanos = Map.of();

    private ApiWatch(
            ApiAccess.Source access,
            ApiScope scope,
            WatchOptions options,
            Path runDir,
            LongSupplier nanoClock,
            Consumer<ClusterUpdate> consumer) {
        this.access = access;
        this.scope = scope;
        this.nanoClock = nanoClock;
        this.contact = new ApiContact(nanoClock);
        this.requests = new ApiRequests(nanoClock);
        this.state = new ApiState(options.emptyListHold());
        this.checkpoint =
                options.checkpoint()
                        ? new Checkpoint(runDir.resolve(WatchOptions.CHECKPOINT_FILE), scope)
                        : null;
        this.checkpoints = checkpoint == null ? null : new CheckpointWriter(checkpoint);
        this.consumer = consumer;
    }

    /// Follows what a node needs until closed. Returns at once, and tries for ever.
    ///
    /// @param runDir where the checkpoint is, if there is to be one
    public static ApiWatch start(
            ApiAccess.Source access,
            ApiScope scope,
            WatchOptions options,
            Path runDir,
            Consumer<ClusterUpdate> consumer) {
        return start(access, scope, options, runDir, System::nanoTime, consumer);
    }

    static ApiWatch start(
            ApiAccess.Source access,
            ApiScope scope,
            WatchOptions options,
            Path runDir,
            LongSupplier nanoClock,
            Consumer<ClusterUpdate> consumer) {
        ApiWatch watch = new ApiWatch(access, scope, options, runDir, nanoClock, consumer);
        watch.triedNanos = nanoClock.getAsLong() - ACCESS_RETRY_NANOS;
        watch.thread.execute(watch::restore);
        var _ =
                watch.thread.scheduleWithFixedDelay(
                        watch::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
        return watch;
    }

    @Override
    public Optional<ApiStatus> apiStatus() {
        return Optional.of(status());
    }

    @Override
    public void reconfigure(WatchOptions options) {
        thread.execute(() -> state.holdFor(options.emptyListHold()));
    }

    @Override
    public Optional<ApiRequests> requests() {
        return Optional.of(requests);
    }

    @Override
    public void publish(EventQueue queue) {
        thread.execute(() -> {
            unsent = queue;
            sendEvents();
        });
    }

    /// From the first session on; until then they wait in their queue.
    private void sendEvents() {
        EventQueue queue = unsent;
        if (queue != null && session != null) {
            events = ApiEvents.start(this::client, state::uid, scope.nodeName(), queue);
            unsent = null;
        }
    }

    private @Nullable KubernetesClient client() {
        ApiSession now = session;
        return now == null ? null : now.client();
    }

    /// How it stands with the API server. Any thread.
    ApiStatus status() {
        long now = nanoClock.getAsLong();
        ApiSession open = session;
        Map<ObjectKey.Kind, Duration> held = new EnumMap<>(ObjectKey.Kind.class);
        heldSinceNanos.forEach((kind, since) -> held.put(kind, Duration.ofNanos(now - since)));
        return new ApiStatus(
                contact.age(), open != null && open.isWatching(), stale, contact.restarts(), held);
    }

    private void onNews() {
        if (scheduled.compareAndSet(false, true)) {
            try {
                thread.execute(this::deliver);
            } catch (RejectedExecutionException _) {
                LOG.debug("closed while news came");
            }
        }
    }

    /// Starts with the checkpoint, so that a node is served while the API server is away.
    private void restore() {
        Checkpoint.Content content = checkpoint == null ? null : checkpoint.read();
        if (content == null) {
            return;
        }
        LOG.warn(
                "the API server has not answered yet; serves its state of {} from the checkpoint"
                        + " {}, which may be stale",
                content.written(),
                checkpoint);
        state.restore(content.state());
        stale = true;
        consume(
                new ClusterUpdate(
                        content.state(),
                        List.of(
                                new Problem(
                                        "API server",
                                        "",
                                        ("has not been heard since the start; its state of %s is"
                                                        + " served, which may be stale, see to it"
                                                        + " that it can be reached")
                                                .formatted(content.written())))));
    }

    private void tick() {
        try {
            lookAfterSession();
            state.expire(nanoClock.getAsLong());
            handOn();
        } catch (RuntimeException e) {
            LOG.error("the watch of the API server could not be looked after", e);
        }
    }

    private void lookAfterSession() {
        ApiSession now = session;
        if (now == null) {
            if (nanoClock.getAsLong() - triedNanos >= ACCESS_RETRY_NANOS) {
                connect(null);
            }
            return;
        }
        now.endSilent();
        if (now.isSpent()) {
            URI avoid = now.isDead() ? now.server() : null;
            if (avoid != null) {
                contact.failed(ApiTraffic.topic(avoid), "says nothing any more; connected to anew");
            }
            contact.connectedAnew();
            session = null;
            now.close();
            state.doubt();
            connect(avoid);
        }
    }

    private void connect(@Nullable URI avoid) {
        triedNanos = nanoClock.getAsLong();
        try {
            ApiAccess.Connection connection =
                    access.read().connect(contact, requests, new ApiExchanges(nanoClock), avoid);
            ApiSession next = new ApiSession(connection, contact, scope, this::onNews, thread);
            session = next;
            next.start();
            contact.served(ACCESS);
            sendEvents();
        } catch (IOException e) {
            contact.failed(ACCESS, e.getMessage() + "; tried again");
        }
    }

    private void deliver() {
        scheduled.set(false);
        ApiSession from = session;
        long now = nanoClock.getAsLong();
        for (ApiChange change = poll(from); change != null; change = poll(from)) {
            state.accept(change, now);
        }
        handOn();
    }

    private static @Nullable ApiChange poll(@Nullable ApiSession from) {
        return from == null ? null : from.poll();
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
        stale = false;
        consume(now);
        if (checkpoints != null) {
            checkpoints.offer(now.state());
        }
    }

    private void consume(ClusterUpdate now) {
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
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a change from the API server is still being applied");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        ApiEvents sender = events;
        if (sender != null) {
            sender.close();
        }
        ApiSession open = session;
        if (open != null) {
            open.close();
        }
        if (checkpoints != null) {
            checkpoints.close();
        }
    }
}
