package io.fairlead.k8s.watch;

import static io.fairlead.k8s.testing.Await.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.k8s.cluster.ClusterEvent;
import io.fairlead.k8s.cluster.ClusterUpdate;
import io.fairlead.k8s.cluster.ObjectKey;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.testing.ApiObjects;
import io.fairlead.k8s.testing.FakeApiServer;
import io.fairlead.k8s.testing.FakeApiServer.Write;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Events on their way to an API server.
class ApiEventsTest {

    private static final ObjectKey WEB =
            new ObjectKey(ObjectKey.Kind.SERVICE, new ObjectName("shop", "web"));
    private static final ObjectKey NODE =
            new ObjectKey(ObjectKey.Kind.NODE, new ObjectName("", "n1"));

    @TempDir private Path folder;

    private FakeApiServer api;
    private ApiWatch watch;
    private final List<ClusterUpdate> updates = new CopyOnWriteArrayList<>();
    private final EventQueue events = new EventQueue(true);

    @BeforeEach
    void aCluster() throws IOException {
        api = new FakeApiServer();
        watch =
                ApiWatch.start(
                        () -> ApiAccess.servers(List.of(api.uri()), folder),
                        ApiScope.ofNode("n1"),
                        WatchOptions.DEFAULT,
                        folder,
                        updates::add);
    }

    @AfterEach
    void end() {
        watch.close();
        api.close();
    }

    private static ClusterEvent taken(ObjectKey key) {
        return ClusterEvent.warning(key, "FailedToCapture", "Listen", "the port is taken");
    }

    private Write write(int index) {
        until("written", () -> api.writes().size() > index);
        return api.writes().get(index);
    }

    @Test
    void a1_13_anEventStandsBesideItsObject() {
        watch.publish(events);
        events.offer(taken(WEB));
        Write write = write(0);
        assertThat(write.verb()).isEqualTo("create");
        assertThat(write.path()).isEqualTo("/apis/events.k8s.io/v1/namespaces/shop/events");
        assertThat(write.body())
                .contains("\"name\":\"web.")
                .contains("\"namespace\":\"shop\"")
                .contains("\"type\":\"Warning\"")
                .contains("\"reason\":\"FailedToCapture\"")
                .contains("\"action\":\"Listen\"")
                .contains("\"note\":\"the port is taken\"")
                .contains("\"reportingController\":\"fairlead\"")
                .contains("\"reportingInstance\":\"fairlead-n1\"")
                .contains("\"kind\":\"Service\"")
                .containsPattern("\"eventTime\":\"[0-9T:-]+\\.[0-9]{6}Z\"");
    }

    @Test
    void a1_13_anEventHasTheUidByWhichDescribeAsksForIt() {
        api.put("services", "web", ApiObjects.service("10.96.0.1", 80));
        api.put("nodes", "n1", ApiObjects.node("z"));
        ObjectKey web = new ObjectKey(ObjectKey.Kind.SERVICE, new ObjectName("default", "web"));
        until("known", () -> updates.stream().anyMatch(u -> u.state().object(web) != null));
        watch.publish(events);
        events.offer(taken(web));
        assertThat(write(0).body()).contains("\"uid\":\"services/web\"");
    }

    @Test
    void a1_13_anEventOfTheNodeIsWhereDescribeLooksForIt() {
        watch.publish(events);
        events.offer(taken(NODE));
        assertThat(write(0).path()).isEqualTo("/apis/events.k8s.io/v1/namespaces/default/events");
        assertThat(write(0).body()).contains("\"uid\":\"n1\"").contains("\"kind\":\"Node\"");
    }

    @Test
    void a1_13_theSecondOfASeriesIsCounted() {
        watch.publish(events);
        events.offer(taken(WEB));
        events.offer(taken(WEB));
        Write patch = write(1);
        String name = patch.path().substring(patch.path().lastIndexOf('/') + 1);
        assertThat(patch.verb()).isEqualTo("patch");
        assertThat(write(0).body()).contains("\"name\":\"" + name + "\"");
        assertThat(patch.body())
                .startsWith("{\"series\":{\"count\":2,\"lastObservedTime\":\"")
                .endsWith("Z\"}}");
    }

    @Test
    void a1_13_whatCannotBeSentIsDroppedAndCounted() throws Exception {
        api.goAway();
        watch.publish(events);
        events.offer(taken(WEB));
        until("dropped", () -> events.dropped() == 1);
        api.comeBack();
        events.offer(taken(NODE));
        assertThat(write(0).body()).contains("\"kind\":\"Node\"");
        assertThat(events.dropped()).isEqualTo(1);
    }

    @Test
    void a1_13_anEventThatIsGoneByItsSecondTimeIsCreatedAnew() {
        api.refuse("patch", "events", new FakeApiServer.Refusal(404, 0));
        watch.publish(events);
        for (int i = 0; i < 3; i++) {
            events.offer(taken(WEB));
        }
        assertThat(write(1).verb()).isEqualTo("create");
    }

    @Test
    void a1_13_nobodyWaitsForTheQueue() {
        for (int i = 0; i < 103; i++) {
            events.offer(taken(WEB));
        }
        assertThat(events.dropped()).isEqualTo(3);
    }

    @Test
    void a1_13_withoutAnApiServerThereIsNothingToDrop() {
        EventQueue off = new EventQueue(false);
        for (int i = 0; i < 103; i++) {
            off.offer(taken(WEB));
        }
        assertThat(off.dropped()).isZero();
    }
}
