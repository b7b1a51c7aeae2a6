package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fairlead.k8s.cluster.ClusterEvent;
import io.fairlead.k8s.cluster.ObjectKey;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends what is in an [EventQueue] to the API server, as Events of events.k8s.io/v1.
///
/// One thread, `fairlead-events`, waits for the API server so that nobody else does. What cannot be
/// sent is dropped and counted: an Event that comes late helps nobody.
final class ApiEvents implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApiEvents.class);

    private static final String CONTROLLER = "fairlead";

    /// The API server refuses longer ones.
    private static final int MAX_NOTE = 1024;

    /// A name has 253 characters at most, and the time is appended.
    private static final int MAX_OBJECT_NAME = 230;

    /// Events on objects without namespace live there.
    private static final String NO_NAMESPACE = "default";

    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final Supplier<@Nullable KubernetesClient> clients;
    private final Function<ObjectKey, @Nullable String> uids;
    private final String nodeName;
    private final EventQueue queue;
    private final EventBook book = new EventBook(System.nanoTime());
    private final Thread thread;

    private ApiEvents(
            Supplier<@Nullable KubernetesClient> clients,
            Function<ObjectKey, @Nullable String> uids,
            String nodeName,
            EventQueue queue) {
        this.clients = clients;
        this.uids = uids;
        this.nodeName = nodeName;
        this.queue = queue;
        this.thread = Thread.ofPlatform().name("fairlead-events").daemon().unstarted(this::run);
    }

    /// @param clients the client of the moment, or null while there is none
    /// @param uids of objects, or null where they are not known
    /// @param nodeName what reports
    static ApiEvents start(
            Supplier<@Nullable KubernetesClient> clients,
            Function<ObjectKey, @Nullable String> uids,
            String nodeName,
            EventQueue queue) {
        ApiEvents events = new ApiEvents(clients, uids, nodeName, queue);
        events.thread.start();
        return events;
    }

    private void run() {
        try {
            while (!Thread.interrupted()) {
                send(queue.take());
            }
        } catch (InterruptedException _) {
            LOG.debug("no more events");
        }
    }

    private void send(ClusterEvent event) {
        Instant now = Instant.now();
        KubernetesClient client = clients.get();
        if (client == null) {
            queue.onDropped();
            return;
        }
        try {
            switch (book.next(event, name(event, now), System.nanoTime())) {
                case EventBook.Step.Create(String name) -> create(client, event, name, now);
                case EventBook.Step.Count(String name, int count) ->
                        count(client, event, name, count, now);
                case EventBook.Step.Wait() -> LOG.debug("counted: {}", event);
                case EventBook.Step.Drop() -> queue.onDropped();
            }
        } catch (KubernetesClientException e) {
            // What keeps us from the API server is told where all requests pass.
            LOG.debug("an event is dropped: {}", event, e);
            book.forget(event);
            queue.onDropped();
        } catch (RuntimeException e) {
            LOG.warn("an event is dropped: {}: {}", event, e.toString());
            queue.onDropped();
        }
    }

    private void create(KubernetesClient client, ClusterEvent event, String name, Instant now) {
        Event body =
                new EventBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace(event))
                        .endMetadata()
                        .withEventTime(new MicroTime(MICROS.format(now)))
                        .withType(event.severity().word())
                        .withReason(event.reason())
                        .withAction(event.action())
                        .withNote(cut(event.note(), MAX_NOTE))
                        .withReportingController(CONTROLLER)
                        .withReportingInstance(CONTROLLER + "-" + nodeName)
                        .withRegarding(reference(event.regarding()))
                        .build();
        client.events().v1().events().inNamespace(namespace(event)).resource(body).create();
    }

    private static void count(
            KubernetesClient client, ClusterEvent event, String name, int count, Instant now) {
        String patch =
                """
                {"series":{"count":%d,"lastObservedTime":"%s"}}\
                """
                        .formatted(count, MICROS.format(now));
        // By name alone, the client would read it first.
        Event known =
                new EventBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace(event))
                        .endMetadata()
                        .build();
        client.events()
                .v1()
                .events()
                .inNamespace(namespace(event))
                .resource(known)
                .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    private ObjectReference reference(ObjectKey key) {
        ObjectReferenceBuilder reference =
                new ObjectReferenceBuilder()
                        .withKind(key.kind().word())
                        .withApiVersion("v1")
                        .withName(key.name().name());
        if (key.kind() == ObjectKey.Kind.NODE) {
            // `kubectl describe node` looks for this in the place of the real one.
            return reference.withUid(key.name().name()).build();
        }
        // `kubectl describe` asks for events by it.
        return reference.withNamespace(key.name().namespace()).withUid(uids.apply(key)).build();
    }

    private static String namespace(ClusterEvent event) {
        String namespace = event.regarding().name().namespace();
        return namespace.isEmpty() ? NO_NAMESPACE : namespace;
    }

    private static String name(ClusterEvent event, Instant now) {
        long nanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
        return cut(event.regarding().name().name(), MAX_OBJECT_NAME)
                + "."
                + Long.toHexString(nanos);
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
